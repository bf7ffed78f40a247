import type { Plan } from '../model/plan';
import type { ReleaseStatus } from '../model/status';
import { addressed, waitsOf } from './events';
import type { About } from './render/status';
import { numbered, rowsOf, spanOf } from './steps';

/** Returns a plan for programs: its actions, without the details of each step. Pure. */
export function planRecord(plan: Plan) {
  const { platform, host, services, notices = [], warnings, targets, removals } = plan;
  return {
    platform,
    host,
    changes: plan.steps.length > 0,
    services,
    ...numbered(plan),
    notices,
    warnings,
    ...(targets && { targets }),
    ...(removals && { removals }),
  };
}

/** Returns the state of a release for programs. Pure. */
export function statusRecord(
  status: ReleaseStatus,
  { workflowId, url, startUrl, missing = [], unbegun = [], watches = [] }: Omit<About, 'colors' | 'now'>,
) {
  const { version, plan, steps, waiting, ...rest } = status;
  return {
    workflowId,
    ...(url && { url }),
    ...(startUrl && { startUrl }),
    ...rest,
    ...spanOf(status),
    services: plan?.services ?? [],
    ...(missing.length > 0 && { missing }),
    ...(unbegun.length > 0 && { unbegun: unbegun.map((one) => one.workflowId) }),
    ...(watches.length > 0 && { watches }),
    notices: plan?.notices ?? [],
    warnings: plan?.warnings ?? [],
    steps: rowsOf(status),
    waiting: waitsOf(status).map((one) => addressed(one, workflowId)),
  };
}
