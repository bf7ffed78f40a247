import type { Plan, Step } from '../model/plan';
import type { Failure, ReleaseStatus, StepState } from '../model/status';
import { describe } from '../model/steps';

/** A step as every view shows it. `number` is its number in the plan, or `u3` for the rollback's third step. */
export interface PlannedStep {
  number: string;
  id: string;
  service: string;
  kind: Step['kind'];
  text: string;
  /** Numbers of the steps that come before it. */
  needs: string[];
  /** For a step of the rollback: the number of the step it undoes. */
  undoes?: string;
}

export interface StepRow extends PlannedStep {
  state: StepState;
  note?: string;
  failure?: Failure;
  /** ISO 8601. */
  startedAt?: string;
  endedAt?: string;
}

/** Returns both graphs of a plan, numbered. Pure. */
export function numbered({ steps, undo }: Pick<Plan, 'steps' | 'undo'>): { steps: PlannedStep[]; undo: PlannedStep[] } {
  const numbers = new Map([...numbersOf(steps, ''), ...numbersOf(undo, 'u')]);
  const line = (step: Step): PlannedStep => ({
    number: numbers.get(step.id)!,
    id: step.id,
    service: step.service,
    kind: step.kind,
    text: describe(step),
    needs: step.needs.flatMap((id) => numbers.get(id) ?? []),
    ...(step.undoes !== undefined && { undoes: numbers.get(step.undoes) }),
  });
  return { steps: steps.map(line), undo: undo.map(line) };
}

const numbersOf = (steps: Step[], prefix: string): Array<[string, string]> =>
  steps.map((step, index) => [step.id, `${prefix}${index + 1}`]);

/** Returns every step of the plan with its state, and the rollback's steps that have one. Pure. */
export function rowsOf({ plan, steps: states }: Pick<ReleaseStatus, 'plan' | 'steps'>): StepRow[] {
  if (!plan) return [];
  const { steps, undo } = numbered(plan);
  const row = (step: PlannedStep): StepRow => ({ ...step, ...(states[step.id] ?? { state: 'waiting' }) });
  return [...steps.map(row), ...undo.filter((step) => states[step.id]).map(row)];
}

/** Returns the id of a step from its id or number; `u3` is a step of the rollback. Returns an unknown name as given. */
export function stepId(plan: Plan | undefined, named: string): string {
  if (!plan) return named;
  const { steps, undo } = numbered(plan);
  return [...steps, ...undo].find((step) => step.number === named)?.id ?? named;
}

/** When the first step of a release began and, once it is over, when the last one ended; ISO 8601. Pure. */
export function spanOf({ steps, phase }: Pick<ReleaseStatus, 'steps' | 'phase'>): {
  startedAt?: string;
  endedAt?: string;
} {
  const all = Object.values(steps);
  const startedAt = all.flatMap((one) => one.startedAt ?? []).sort()[0];
  const endedAt = all
    .flatMap((one) => one.endedAt ?? [])
    .sort()
    .at(-1);
  return { ...(startedAt && { startedAt }), ...(phase === 'closed' && endedAt && { endedAt }) };
}
