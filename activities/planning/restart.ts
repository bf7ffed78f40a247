import { BelayError } from '../../src/errors';
import type { Deps } from '../../src/host';
import { hmacKey } from '../../src/hosts/machine';
import type { Desired, DesiredService, PlannedService } from '../../src/model/desired';
import type { Plan } from '../../src/model/plan';
import type { ReleaseInput } from '../../src/model/requests';
import { isRemoval } from '../../src/model/task';
import { keptName } from '../../src/project/folders';
import { keptOf } from '../../src/revisions/kept-service';
import { dependentsOf } from '../../src/revisions/other-services';
import { usable } from '../../src/revisions/rollback-choice';
import { withArtifact } from '../../src/revisions/rollback-image';
import { pastOf, type ServicePast, takesPart } from '../../src/revisions/rollback-past';
import { siteOf } from '../../src/revisions/site-of';
import { againFingerprint } from '../../src/runtimes/fingerprint';
import { asComposeSees } from './compose-sees';
import { refuseUntilFree } from './fence-off';
import { refuseSecrets, withOverrides } from './overrides';
import { planFor } from './plan-for';
import { withRestarts } from './restarts';

/**
 * Plans the replacement of running instances by the same version. Image and configuration are those of each service's
 * present revision as the host keeps them, and so is the strategy. Present files are not read. Throws `input-invalid`
 * and `revision-unknown` if there is nothing to restart.
 */
export async function planRestart(deps: Deps, input: ReleaseInput): Promise<Plan> {
  refuseOthers(input);
  refuseSecrets(input.overrides);
  const { overrides } = input;
  const asked = Object.keys(overrides).length > 0 ? Object.keys(overrides) : input.services;
  const platform = await keptName(deps.specs, input);
  const past = (await pastOf(deps.ledger, platform, asked, 'restart')).filter(
    (one) => !isRemoval(one.latest) && takesPart(one, 'restart'),
  );
  const own = asked ? past : past.filter(({ head }) => head);
  if (own.length === 0) throw past[0] ? noRevision(platform, past[0].service) : nothing(platform);
  const names = own.map(({ service }) => service);
  await refuseUntilFree(deps, input, { platform, services: names });
  const key = await hmacKey(deps.home);
  const present = own.map((one) => presentOf(platform, one));
  const again = await Promise.all(
    present.map(async ({ revision, previous }) => {
      const { desired, number } = revision;
      const given = overrides[desired.service];
      if (given) {
        refuseWithoutVariables(deps, desired);
        const kept = keptOf(deps, revision);
        // A rollback leads to the revision that had other variables.
        const service = withOverrides(
          { ...kept, task: { ...kept.task, previous: number } as PlannedService['task'] },
          given,
          key,
        );
        return await withArtifact(deps, platform, service);
      }
      const task = { ...keptOf(deps, revision).task, previous };
      const of = desired.again?.of ?? desired.own ?? desired.fingerprint;
      // The fingerprint depends on the former one, so that each restart has a new one.
      const fingerprint = againFingerprint(of, `${revision.release}/${revision.number}`, key);
      const one: PlannedService = { ...desired, own: undefined, fingerprint, again: { of }, task };
      return await withArtifact(deps, platform, one);
    }),
  );
  const joined = await withRestarts(deps, platform, again);
  const { services, source, expectations } = await asComposeSees(deps, input, joined);
  const site = siteOf(present.map(({ revision }) => revision));
  const known = await deps.ledger.services(platform);
  const others = await dependentsOf(deps, { platform, services: known, released: names });
  const desired: Desired = { platform, ...site, services, others, source };
  return await planFor(deps, desired, { takeOver: input.take_over, dryRun: input.dry_run, expectations });
}

function refuseWithoutVariables({ runtimeOf }: Deps, { service, runtime }: DesiredService): void {
  if (runtimeOf(runtime).sources.withVariables) return;
  throw new BelayError('not-built', `${service}: belay set is not built for services of ${runtime}`, {
    hint: 'write the variable under env in belay.yaml, then: belay release',
  });
}

function presentOf(platform: string, { service, head, revisions }: ServicePast) {
  if (!head) throw noRevision(platform, service);
  const revision = usable(platform, service, revisions.find(({ number }) => number === head)!);
  return { revision, previous: revision.previous };
}

/** A restart keeps image and configuration. */
function refuseOthers({ versions, instances, files, set, overrides, services }: ReleaseInput): void {
  const isSet = Object.keys(overrides).length > 0;
  const others = { versions, instances, files, set, ...(isSet && services && { services }) };
  const given = Object.entries(others).filter(([, one]) => Object.keys(one).length > 0);
  if (given.length === 0) return;
  if (isSet)
    throw new BelayError(
      'input-invalid',
      `overrides: ${given.map(([name]) => name).join(', ')} cannot be combined with them`,
      {
        hint: 'they change variables of the present revision alone; use belay release for the rest',
      },
    );
  throw new BelayError(
    'input-invalid',
    `restart: ${given.map(([name]) => name).join(', ')} cannot be combined with it`,
    {
      hint: 'a restart keeps the running version; use belay release for another one',
    },
  );
}

/** This is the case before the first release has ended, and after a rollback to what was there before. */
const noRevision = (platform: string, service: string): BelayError =>
  new BelayError('revision-unknown', `${platform}: ${service} runs no released revision`, {
    hint: `docker compose restart or systemctl restart does it without Belay; belay release --service ${service} makes a revision`,
  });

const nothing = (platform: string): BelayError =>
  new BelayError('revision-unknown', `${platform}: it was never released on this host`, {
    hint: 'release it first: belay release',
  });
