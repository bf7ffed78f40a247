import type { Plan, Step } from '../src/model/plan';
import type { Failure, ReleaseStatus } from '../src/model/status';
import { describe } from '../src/model/steps';
import type { Board } from './board';

/** True for workflows that copy data, and change nothing that serves: one copy that fails keeps no other from its turn. */
export const isCopying = (kind: ReleaseStatus['kind']): boolean => kind === 'backup' || kind === 'drill';

/** True for a claim without which the plan goes on. */
export const isLenient = (step: Step): boolean => step.kind === 'claim' && step.lenient === true;

/** True for a step of a service that another workflow has got first. */
export const isLeftOut = (step: Step, { steps }: Plan, board: Board): boolean =>
  !isLenient(step) &&
  steps.some((one) => isLenient(one) && one.service === step.service && board.of(one.id)?.state === 'failed');

/** Returns one failure for all copies that failed; undefined if none did. */
export function failedCopies(plan: Plan, board: Board): Failure | undefined {
  const failed = plan.steps.flatMap((step) => {
    const { state, failure } = board.of(step.id) ?? {};
    return state === 'failed' && failure ? [{ step, failure: isLenient(step) ? notDone(step, failure) : failure }] : [];
  });
  const [first] = failed;
  if (!first) return undefined;
  if (failed.length === 1) return { ...first.failure, step: first.step.id };
  const message = failed.map(({ step, failure }) => `${describe(step)}: ${failure.message}`).join('\n');
  return { code: first.failure.code, message, hint: first.failure.hint };
}

const notDone = ({ service }: Step, { message, hint }: Failure): Failure => ({
  code: 'drill-failed',
  message: `${service} was not drilled: ${message}`,
  hint,
});

export const servicesOf = (plan?: Plan): string[] =>
  (plan?.steps ?? []).flatMap((step) => (step.kind === 'claim' ? [step.service] : []));
