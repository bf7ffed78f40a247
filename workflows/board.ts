import { type Carried, type PackedPlan, unpackPlan } from '../src/model/packed';
import type { Plan, Step } from '../src/model/plan';
import type { Failure, Heard, Phase, ReleaseStatus, StepState, StepStatus, Waiting } from '../src/model/status';

/** The state of a release, in one place: what the query and the Web UI show, and what the walk decides by. */
export interface Board {
  readonly status: ReleaseStatus;
  /** Grows with every change; what waits, waits for it to grow. */
  readonly version: number;
  plan(plan: Plan | PackedPlan): void;
  /** Back to where there was no plan yet. */
  again(): void;
  /** The status, with its plan as it came. */
  carried(): Carried<ReleaseStatus>;
  phase(phase: Phase): void;
  paused(paused: boolean): void;
  outcome(outcome: NonNullable<ReleaseStatus['outcome']>, cause?: Failure): void;
  step(step: Step, state: StepState, more?: { note?: string; failure?: Failure }): void;
  note(stepId: string, note: string): void;
  heard(heard: Omit<Heard, 'at'>): void;
  /** @param waiting since now, where nothing else is said. */
  wait(waiting: Omit<Waiting, 'since'> & { since?: string }): void;
  unwait(matches: (waiting: Waiting) => boolean): void;
  of(stepId: string): StepStatus | undefined;
}

const ended: StepState[] = ['done', 'failed', 'skipped', 'cancelled'];

/** @param onChange is called after every change, to show it. */
export function createBoard(
  start: Pick<ReleaseStatus, 'kind' | 'platform' | 'by' | 'reason'>,
  onChange: (status: ReleaseStatus) => void,
): Board {
  const status: ReleaseStatus = {
    version: 1,
    ...start,
    phase: 'planning',
    paused: false,
    steps: {},
    waiting: [],
    heard: [],
  };
  let version = 0;
  let carried: Plan | PackedPlan | undefined;
  const now = () => new Date().toISOString();
  const changed = () => {
    version += 1;
    onChange(status);
  };
  const change = (fields: Partial<ReleaseStatus>) => {
    Object.assign(status, fields);
    changed();
  };
  return {
    status,
    get version() {
      return version;
    },
    // An environment's own name may stand in its file alone.
    plan(given) {
      carried = given;
      change({ plan: unpackPlan(given), platform: given.platform });
    },
    again() {
      carried = undefined;
      change({ plan: undefined, steps: {}, waiting: [], cause: undefined, phase: 'planning' });
    },
    carried: () => ({ ...status, plan: carried }),
    phase: (phase) => change({ phase }),
    paused: (paused) => change({ paused }),
    outcome: (outcome, cause = status.cause) => change({ outcome, cause }),
    step(step, state, more = {}) {
      const before = status.steps[step.id];
      // What was begun and waits to be begun again stays begun: it has to be undone.
      const again = state === 'running' && before?.state === 'waiting';
      const startedAt = state === 'waiting' || (before?.startedAt && !again) ? before?.startedAt : now();
      // What was said while it ran tells where it stopped; once it is done, only its result counts.
      const note = state === 'done' ? undefined : before?.note;
      status.steps[step.id] = { note, ...more, state, startedAt, endedAt: ended.includes(state) ? now() : undefined };
      changed();
    },
    note(stepId, note) {
      const entry = status.steps[stepId];
      if (entry?.state !== 'running') return;
      entry.note = note;
      // Whoever says something has picked the step up.
      status.waiting = status.waiting.filter((one) => one.kind !== 'unreachable' || one.step !== stepId);
      changed();
    },
    heard(heard) {
      status.heard = [...status.heard, { ...heard, at: now() }].slice(-50);
      changed();
    },
    wait(waiting) {
      status.waiting = [...status.waiting, { since: now(), ...waiting }];
      changed();
    },
    unwait(matches) {
      if (status.waiting.some(matches)) change({ waiting: status.waiting.filter((one) => !matches(one)) });
    },
    of: (stepId) => status.steps[stepId],
  };
}
