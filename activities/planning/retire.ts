import { BelayError } from '../../src/errors';
import type { Deps } from '../../src/host';
import type { Desired } from '../../src/model/desired';
import { parseRetireInput } from '../../src/model/parse-request';
import type { Plan } from '../../src/model/plan';
import type { RetireRequest } from '../../src/model/requests';
import { observe } from '../../src/observe/observe';
import { planRetire as retirePlan } from '../../src/plan/plan-retire';
import { refuseOwned } from './fence-off';
import { withHeartbeat } from './heartbeat';

/**
 * Plans the removal of a warm set, by the ledger alone. Throws `held-by-another` while a release of the service runs.
 */
export const planRetire =
  (deps: Deps) =>
  (given: RetireRequest): Promise<Plan> =>
    withHeartbeat(async () => {
      const { platform, service, revision, instances } = parseRetireInput(given);
      const kept = await deps.ledger.of({ platform, service }).revision(revision);
      if (!kept?.site)
        throw new BelayError('revision-unknown', `${platform}/${service}: there is no revision ${revision}`);
      await refuseOwned(deps, { platform, service });
      const source = { folder: '', versions: {}, files: {} };
      const desired: Desired = {
        platform,
        ...kept.site,
        services: [{ ...kept.desired, task: { kind: 'run' } }],
        source,
      };
      return retirePlan({ input: { desired, observed: await observe(deps, desired) }, revision, instances });
    });
