import type { ComposeProject } from '../src/compose/project';
import { planRelease } from '../src/plan/plan-release';
import type { Desired } from '../src/spec/desired';
import type { Plan } from '../src/spec/plan';
import type { Deps } from './deps';
import { fenceOffEnded } from './fence-off';
import { observe } from './observe';

/** The plan of what is desired, by what the host shows once no ended release can change it any more. */
export async function planFor(
  deps: Deps,
  desired: Desired,
  { takeOver, dryRun, compose }: { takeOver: boolean; dryRun: boolean; compose?: ComposeProject },
): Promise<Plan> {
  if (!dryRun)
    await fenceOffEnded(deps, { platform: desired.platform, services: desired.services.map((one) => one.service) });
  const all = [...desired.services, ...(desired.others ?? [])];
  return planRelease({ desired, observed: await observe(deps, { ...desired, services: all, compose }), takeOver });
}
