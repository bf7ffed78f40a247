import type { Deps } from '../../src/host';
import { artifactRef } from '../../src/model/artifact';
import type { Desired, PlannedService } from '../../src/model/desired';
import { filesAheadText } from '../../src/model/leaves';
import { parseRollbackInput } from '../../src/model/parse-request';
import type { Plan } from '../../src/model/plan';
import type { RollbackInput } from '../../src/model/requests';
import { formerOf } from '../../src/model/task';
import { keptName } from '../../src/project/folders';
import { targetsOf, withArtifact } from '../../src/revisions/rollback-image';
import { rollbackOf } from '../../src/revisions/rollback-target';
import { asComposeSees, nowhere } from './compose-sees';
import { withEditsSince } from './edited-since';
import { withHeartbeat } from './heartbeat';
import { planFor } from './plan-for';

/** Number of former revisions to list for each service: by default, and on request. */
const shown = { short: 5, long: 100 };

/**
 * Plans the rollback of services to a former revision, from what the host keeps: configuration, proxies, image. A
 * missing image is pulled again. The present spec has no say: it may be the fault. Only labels for `docker compose up`
 * come from the Compose file, if it can be read.
 */
export const planRollback =
  (deps: Deps) =>
  (given: unknown): Promise<Plan> =>
    withHeartbeat(async () => {
      const asked = parseRollbackInput(given);
      const input = { ...asked, platform: await keptName(deps.specs, asked) };
      if (input.list) return await listed(deps, input);
      const { platform, take_over: takeOver, dry_run: dryRun } = input;
      const { services: wanted, site, warnings, restores, leftJobs } = await rollbackOf(deps, input);
      const there = await Promise.all(wanted.map((one) => withArtifact(deps, platform, one)));
      const { services: seen, source, expectations } = await asComposeSees(deps, asked, there);
      const services = await withEditsSince(deps, { platform, expectations }, seen);
      const desired: Desired = { platform, ...site, services, source, restores };
      const made = await planFor(deps, desired, { takeOver, dryRun, expectations });
      const names = services.map(({ service }) => service);
      const others = await targetsOf(deps, { platform, services: names, most: shown.short });
      const leadsTo = ({ service, revision }: { service: string; revision: number }) =>
        services.some((one) => one.service === service && formerOf(one)?.revision === revision);
      return {
        ...made,
        warnings: [...made.warnings, ...warnings, ...leftJobs],
        leaves: [...leftJobs, ...filesAhead(services)],
        targets: others.filter((one) => !leadsTo(one)),
      };
    });

/** Compose files may still name the version that a rollback leaves. */
function filesAhead(services: PlannedService[]): string[] {
  return filesAheadText(
    services.flatMap(({ service, compose, artifact }) => {
      if (!compose) return [];
      const named = typeof compose.image === 'string' ? compose.image : artifactRef(compose.image);
      return named === artifactRef(artifact) ? [] : [{ service, named, runs: artifactRef(artifact) }];
    }),
  );
}

async function listed(deps: Deps, { platform, services }: RollbackInput): Promise<Plan> {
  return {
    format: 1,
    platform,
    host: deps.host,
    engine: '',
    steps: [],
    undo: [],
    onFailure: {},
    services: [],
    warnings: [],
    proxies: {},
    source: nowhere,
    targets: await targetsOf(deps, { platform, services, most: shown.long }),
  };
}
