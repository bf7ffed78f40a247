import type { Desired } from '../src/spec/desired';
import { parseRollbackInput } from '../src/spec/input';
import type { Plan } from '../src/spec/plan';
import type { RollbackInput } from '../src/spec/release-input';
import type { Deps } from './deps';
import { keptName } from './folders';
import { withHeartbeat } from './heartbeat';
import { planFor } from './plan';
import { targetsOf, withImage } from './rollback-image';
import { rollbackOf } from './rollback-target';

/** How many former revisions of a service are told without being asked for, and when they are. */
const shown = { short: 5, long: 100 };

/**
 * The plan that takes services back to a former revision, from what the host has kept: configuration, proxies, image. An image
 * that is gone is pulled again. The spec as it is now is not asked, for it may be what went wrong.
 */
export const planRollback =
  (deps: Deps) =>
  (given: unknown): Promise<Plan> =>
    withHeartbeat(async () => {
      const asked = parseRollbackInput(given);
      const input = { ...asked, platform: await keptName(deps.specs, asked) };
      if (input.list) return await listed(deps, input);
      const { platform, take_over: takeOver, dry_run: dryRun } = input;
      const { services: wanted, site, warnings } = await rollbackOf(deps.ledger, input);
      const services = await Promise.all(wanted.map((one) => withImage(deps, platform, one)));
      const desired: Desired = { platform, ...site, services, source: nowhere };
      const made = await planFor(deps, desired, { takeOver, dryRun });
      const names = services.map(({ service }) => service);
      const others = await targetsOf(deps, { platform, services: names, most: shown.short });
      const leadsTo = ({ service, revision }: { service: string; revision: number }) =>
        services.some((one) => one.service === service && one.kept!.revision === revision);
      return { ...made, warnings: [...made.warnings, ...warnings], targets: others.filter((one) => !leadsTo(one)) };
    });

const nowhere = { folder: '', versions: {}, files: {} };

async function listed(deps: Deps, { platform, services }: RollbackInput): Promise<Plan> {
  return {
    format: 1,
    platform,
    host: deps.host,
    engine: await deps.runtime.identity(),
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
