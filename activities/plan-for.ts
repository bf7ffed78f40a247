import type { ComposeProject } from '../src/compose/project';
import { planRelease } from '../src/plan/plan-release';
import type { Desired } from '../src/spec/desired';
import type { Plan } from '../src/spec/plan';
import type { Deps } from './deps';
import { fenceOffEnded } from './fence-off';
import { observe } from './observe';
import { refuseReleased, releasedNow } from './released-now';

/**
 * The plan of what is desired, by what the host shows once no ended release can change it any more. Throws `held-by-another`
 * where another one runs that has what this one would change; a dry run says so.
 */
export async function planFor(
  deps: Deps,
  desired: Desired,
  { takeOver, dryRun, compose }: { takeOver: boolean; dryRun: boolean; compose?: ComposeProject },
): Promise<Plan> {
  if (!dryRun)
    await fenceOffEnded(deps, { platform: desired.platform, services: desired.services.map((one) => one.service) });
  const all = [...desired.services, ...(desired.others ?? [])];
  const made = planRelease({
    desired,
    observed: await observe(deps, { ...desired, services: all, compose }),
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
