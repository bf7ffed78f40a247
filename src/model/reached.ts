import { leavesOf, wentBack } from './leaves';
import type { Plan, ServicePlan } from './plan';
import type { Outcome, ReleaseResult, ReleaseStatus } from './status';
import { changeText } from './versions';

/** Outcomes of workflows that have done what they were for. */
export const reached: readonly Outcome[] = ['released', 'reverted', 'retired', 'backed-up', 'passed', 'restored'];

const lasting: readonly Outcome[] = [...reached, 'removed', 'unchanged', 'planned'];

/** A service's change in one line; one that did not last is only what was asked for. Pure. */
export const changeAfter = (one: ServicePlan, outcome: Outcome | undefined): string =>
  `${outcome !== undefined && !lasting.includes(outcome) && !one.unchanged ? 'asked for: ' : ''}${changeText(one)}`;

/** Where a workflow with this outcome has left its services. Pure. */
export function reachedBy(
  { plan, steps }: Pick<ReleaseStatus, 'plan' | 'steps'>,
  outcome: Outcome,
): Pick<ReleaseResult, 'revisions' | 'found' | 'stayed' | 'leaves'> {
  const isReached = reached.includes(outcome);
  const stayed = isReached ? [] : stayedIn({ plan, steps });
  const revisionOf = ({ service, from, to }: ServicePlan): number | undefined =>
    isReached || stayed.includes(service) ? to.revision : from?.revision;
  const all = (plan?.services ?? []).flatMap((one) => {
    const revision = revisionOf(one);
    // A job that has only ever run for Compose has no revision of Belay's.
    const isNone = revision === undefined || (one.job && revision === 0);
    return isNone ? [] : [[one.service, revision] as const];
  });
  const found = wentBack.includes(outcome) ? foundIn(plan, stayed) : [];
  const leaves = leavesOf({ plan, steps }, outcome, stayed);
  return {
    revisions: Object.fromEntries(all),
    ...(found.length > 0 && { found: Object.fromEntries(found) }),
    ...(stayed.length > 0 && { stayed }),
    ...(leaves.length > 0 && { leaves }),
  };
}

const foundIn = (plan: Plan | undefined, stayed: string[]): Array<[string, string]> =>
  (plan?.services ?? []).flatMap(
    ({ service, found }): Array<[string, string]> =>
      found && !stayed.includes(service) ? [[service, foundText(found)]] : [],
  );

const foundText = (found: NonNullable<ServicePlan['found']>): string =>
  found.map(({ revision, instances }) => `${instances} × r${revision}`).join(', ') || 'none in traffic';

/** Returns the services that keep their new revision although others went back. */
function stayedIn({ plan, steps: states }: Pick<ReleaseStatus, 'plan' | 'steps'>): string[] {
  const isRecorded = (service: string, steps: Array<{ kind: string; service: string; id: string }> = []) =>
    steps.some((step) => step.kind === 'record' && step.service === service && states[step.id]?.state === 'done');
  return (plan?.lasting ?? []).filter(
    (service) => isRecorded(service, plan?.steps) && !isRecorded(service, plan?.undo),
  );
}
