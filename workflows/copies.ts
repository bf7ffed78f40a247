import type { Plan } from '../src/model/plan';
import type { Failure, ReleaseStatus } from '../src/model/status';
import { describe } from '../src/model/steps';
import type { Board } from './board';

/** True for workflows that copy data, and change nothing that serves: one copy that fails keeps no other from its turn. */
export const isCopying = (kind: ReleaseStatus['kind']): boolean => kind === 'backup' || kind === 'drill';

/** Returns one failure for all copies that failed; undefined if none did. */
export function failedCopies(plan: Plan, board: Board): Failure | undefined {
  const failed = plan.steps.flatMap((step) => {
    const { state, failure } = board.of(step.id) ?? {};
    return state === 'failed' && failure ? [{ step, failure }] : [];
  });
  const [first] = failed;
  if (!first) return undefined;
  if (failed.length === 1) return { ...first.failure, step: first.step.id };
  const message = failed.map(({ step, failure }) => `${describe(step)}: ${failure.message}`).join('\n');
  return { code: first.failure.code, message, hint: first.failure.hint };
}

export const servicesOf = (plan?: Plan): string[] =>
  (plan?.steps ?? []).flatMap((step) => (step.kind === 'claim' ? [step.service] : []));
