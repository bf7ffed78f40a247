import type { Plan, Step } from '../src/model/plan';
import type { Failure, ReleaseStatus, StepState, StepStatus } from '../src/model/status';
import type { Turn } from './control';
import type { Times } from './measures';

/**
 * The state that a release hands over to the next run of its workflow, beside input and plan. Each of the three is one
 * payload.
 */
export interface Carriage {
  format: 1;
  status: Omit<ReleaseStatus, 'plan' | 'steps'>;
  /** The board's version, and the version in which the plan was made. */
  version: number;
  planned: number;
  steps: PackedStates;
  /** What cut steps leave, by their ids: their counts and samples. */
  lefts?: Record<string, unknown>;
  said: { turn?: Turn; approved: Array<[gate: string, by: string]>; retry: string[]; skip: string[]; line?: string[] };
  times: Times;
  /** Set during a rollback: its reason, whether the release then starts again, and the services that stay. */
  back?: { turn: Turn; again: boolean; stays: string[] };
}

/** Step states in the order of the plan: first its steps, then its undo steps. */
export interface PackedStates {
  /** Milliseconds since 1970; the other times count from here. */
  base: number;
  all: Array<PackedState | 0>;
}

type PackedState = [
  state: number,
  round: number,
  startedAt: number | null,
  endedAt?: number | null,
  note?: string | null,
  failure?: Failure | null,
  more?: Pick<StepStatus, 'retried' | 'idle' | 'fails'>,
];

const states: StepState[] = ['waiting', 'running', 'done', 'failed', 'skipped', 'cancelled', 'unreachable'];
/** Stands in place of a state: the step waits to continue its earlier start. */
const cutState = -1;
const graph = ({ steps, undo }: Plan): Step[] => [...steps, ...undo];

/** Returns the states in short form for one payload. Pure. */
export function packStates(
  plan: Plan,
  { steps, rounds }: { steps: Record<string, StepStatus>; rounds: Map<string, number> },
): PackedStates {
  const begun = Object.values(steps).flatMap(({ startedAt }) => (startedAt ? Date.parse(startedAt) : []));
  const base = begun.reduce((first, one) => Math.min(first, one), begun[0] ?? 0);
  const since = (iso?: string) => (iso ? Date.parse(iso) - base : null);
  const all = graph(plan).map(({ id }): PackedState | 0 => {
    const one = steps[id];
    if (!one) return 0;
    const { state, startedAt, endedAt, note, failure, cut, retried, idle, fails } = one;
    const rare = (retried || idle || fails) && {
      ...(retried && { retried }),
      ...(idle && { idle }),
      ...(fails && { fails }),
    };
    const more = [since(endedAt), note ?? null, failure ?? null, rare ?? null];
    const packed = [
      cut ? cutState : states.indexOf(state),
      rounds.get(id) ?? 0,
      since(startedAt),
      ...more,
    ] as PackedState;
    while (packed.length > 3 && packed.at(-1) === null) packed.pop();
    return packed;
  });
  return { base, all };
}

/** Returns the states and rounds that `packStates` was given. Pure. */
export function unpackStates(plan: Plan, { base, all }: PackedStates) {
  const at = (time?: number | null) => (typeof time === 'number' ? new Date(base + time).toISOString() : undefined);
  const steps: Record<string, StepStatus> = {};
  const rounds = new Map<string, number>();
  for (const [place, { id }] of graph(plan).entries()) {
    const packed = all[place];
    if (!packed) continue;
    const [state, round, startedAt, endedAt, note, failure, more] = packed;
    steps[id] = {
      state: states[state] ?? 'waiting',
      startedAt: at(startedAt),
      endedAt: at(endedAt),
      ...(note && { note }),
      ...(failure && { failure }),
      ...(state === cutState && { cut: true }),
      ...more,
    };
    if (round > 0) rounds.set(id, round);
  }
  return { steps, rounds };
}
