import type { Deps } from '../../src/host';
import type { Desired } from '../../src/model/desired';
import type { Plan } from '../../src/model/plan';
import { observe } from '../../src/observe/observe';
import { refuseReleased, releasedNow } from '../../src/observe/released-now';
import { planRelease } from '../../src/plan/plan-release';
import type { Expectations } from '../../src/runtimes/runtime';
import { fenceOffEnded } from './fence-off';

/**
 * Returns the plan by the host's state, once no ended release can change it any more. Throws `held-by-another` if an
 * open release has one of the services to change; a dry run says so instead.
 */
export async function planFor(
  deps: Deps,
  desired: Desired,
  { takeOver, dryRun, expectations }: { takeOver: boolean; dryRun: boolean; expectations?: Expectations },
): Promise<Plan> {
  if (!dryRun)
    await fenceOffEnded(deps, { platform: desired.platform, services: desired.services.map((one) => one.service) });
  const all = [...desired.services, ...(desired.others ?? [])];
  const made = planRelease({
    desired,
    observed: await observe(deps, { ...desired, services: all, expectations }),
    takeOver,
  });
  const { platform } = desired;
  if (!dryRun) {
    const claimed = made.steps.flatMap(({ kind, service }) => (kind === 'claim' ? [service] : []));
    await refuseReleased(deps, { platform, services: claimed });
    return made;
  }
  const now = await releasedNow(deps, { platform, services: desired.services.map((one) => one.service) });
  return { ...made, notices: [...now, ...(made.notices ?? [])] };
}
