import type { Deps } from '../../src/host';
import type { Observed } from '../../src/model/observed';
import { parseDropInput } from '../../src/model/parse-request';
import type { Plan } from '../../src/model/plan';
import type { DropInput } from '../../src/model/requests';
import { observe } from '../../src/observe/observe';
import { refuseReleased } from '../../src/observe/released-now';
import { wholeOf, withSharedOnce } from '../../src/observe/removal';
import { strangers } from '../../src/observe/strangers';
import { planDrop as planOf } from '../../src/plan/plan-drop';
import { keptName } from '../../src/project/folders';
import { lastReleased } from '../../src/revisions/last-released';
import { fenceOffEnded } from './fence-off';
import { withHeartbeat } from './heartbeat';

/** Plans the removal of a platform, or of some of its services, by the ledger and the running instances. */
export const planDrop =
  (deps: Deps) =>
  (given: unknown): Promise<Plan> =>
    withHeartbeat(async () => {
      const asked = parseDropInput(given);
      const input = { ...asked, platform: await keptName(deps.specs, asked) };
      const { platform, take_over: takeOver } = input;
      const known = await deps.ledger.services(platform);
      const names = known.filter((name) => input.services?.includes(name) ?? true);
      await refuseReleased(deps, { platform, services: names });
      if (!input.dry_run) await fenceOffEnded(deps, { platform, services: names });
      const { services, site } = await lastReleased(deps, platform, names);
      const observed = await observe(deps, { platform, services, ...site });
      const removals = await Promise.all(
        names.map((service) =>
          wholeOf(deps, { platform, service }, { seen: observed.services[service]!, leaving: names }),
        ),
      );
      const warnings = await warningsOf(deps, { input, known, observed });
      return planOf({ platform, services, observed, removals: withSharedOnce(removals), takeOver, warnings });
    });

interface Seen {
  input: DropInput;
  known: string[];
  observed: Observed;
}

async function warningsOf(deps: Deps, { input, known, observed }: Seen): Promise<string[]> {
  const { platform, services = [] } = input;
  const unknown = services.filter((name) => !known.includes(name));
  const silent = observed.silent ?? [];
  return [
    ...(known.length === 0 ? [`this host's ledger does not know ${platform}`] : []),
    ...(known.length > 0 ? unknown.map((name) => `this host's ledger does not know ${name} of ${platform}`) : []),
    ...silent.map((name) => `proxy ${name} does not answer: some of its servers may still point at removed ports`),
    ...(await composed(deps, platform, Object.keys(observed.services))),
    ...(await strangers(deps, platform)),
  ];
}

async function composed({ runtimeOf, ledger }: Deps, platform: string, names: string[]): Promise<string[]> {
  const found = names.map(async (service) => {
    const revisions = await ledger.of({ platform, service }).revisions();
    const { project, runtime } = revisions.at(-1)?.desired ?? {};
    const seen = await runtimeOf(runtime).observe({ platform, service, project });
    return seen.filter(({ revision }) => revision === 0).map(({ name }) => `${name} was here before Belay, and stays`);
  });
  return (await Promise.all(found)).flat();
}
