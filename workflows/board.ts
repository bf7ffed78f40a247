import type { Changes } from '../src/model/changes';
import { type Carried, type PackedPlan, unpackPlan } from '../src/model/packed';
import type { Plan, Step } from '../src/model/plan';
import type { Failure, Heard, Phase, ReleaseStatus, StepState, StepStatus, Waiting } from '../src/model/status';
import { type Carriage, packStates, unpackStates } from './carriage';

/** The state of a release in one place. The query and the Web UI show it, and the walk decides by it. */
export interface Board {
  readonly status: ReleaseStatus;
  /** Grows with every change, so that the walk can wait for one. */
  readonly version: number;
  plan(plan: Plan | PackedPlan): void;
  /** Removes the plan and all step states, before another planning. */
  reset(): void;
  /** Returns the status, with the plan packed as the planner sent it. */
  carried(): Carried<ReleaseStatus>;
  /** Returns the changes after a version, in parts that fit into a payload. */
  since(version: number): Changes;
  /** Returns the state that the next run continues from. */
  handOver(): { plan: Plan | PackedPlan } & Pick<Carriage, 'status' | 'version' | 'planned' | 'steps' | 'lefts'>;
  /** Returns the number of this start of the step, from 1. */
  nextRound(stepId: string): number;
  /** Counts a change outside of the status. */
  touch(): void;
  phase(phase: Phase): void;
  paused(paused: boolean): void;
  outcome(outcome: NonNullable<ReleaseStatus['outcome']>, cause?: Failure): void;
  step(step: Step, state: StepState, more?: Pick<StepStatus, 'note' | 'failure' | 'cut' | 'retried'>): void;
  /** Records what the running step has found, beside its note. */
  found(stepId: string, found: Pick<StepStatus, 'idle' | 'fails'>): void;
  note(stepId: string, note: string): void;
  /** Keeps what a step that was cut leaves to the workflow's next run. */
  leave(stepId: string, left: unknown): void;
  /** Returns what the step left in the run before. */
  leftBy(stepId: string): unknown;
  heard(heard: Omit<Heard, 'at'>): void;
  /** @param waiting starts now, unless it says `since`. */
  wait(waiting: Omit<Waiting, 'since'> & { since?: string }): void;
  unwait(matches: (waiting: Waiting) => boolean): void;
  of(stepId: string): StepStatus | undefined;
}

const ended: StepState[] = ['done', 'failed', 'skipped', 'cancelled'];

export interface PreviousRun {
  plan: Plan | PackedPlan;
  carriage: Carriage;
}

const isEmpty = (record: object): boolean => Object.keys(record).length === 0;

/** Most characters that a step leaves; a payload has all of them. */
const longestLeft = 256 * 1024;

/** Most characters of step states in one answer; Temporal limits a payload. */
const longestAnswer = 512 * 1024;

/**
 * Returns a board, empty or continued from the previous run.
 * @param onChange is called after every change, to show it.
 * @param before is the state that the previous run handed over.
 */
export function createBoard(
  { kind, platform, by, reason }: Pick<ReleaseStatus, 'kind' | 'platform' | 'by' | 'reason'>,
  onChange: (status: ReleaseStatus) => void,
  before?: PreviousRun,
): Board {
  const status: ReleaseStatus = {
    version: 1,
    kind,
    platform,
    by,
    reason,
    phase: 'planning',
    paused: false,
    steps: {},
    waiting: [],
    heard: [],
  };
  let version = before?.carriage.version ?? 0;
  let carried = before?.plan;
  /** The version in which the plan was made or removed. */
  let planned = before?.carriage.planned ?? 0;
  const rounds = new Map<string, number>();
  const lefts: Record<string, unknown> = {};
  /** The version of each step's latest change, in the order of these changes. */
  const changedAt = new Map<string, number>();
  if (before) resume(before);
  const now = () => new Date().toISOString();
  const changed = () => {
    version += 1;
    onChange(status);
  };
  const touched = (stepId: string) => {
    changedAt.delete(stepId);
    changedAt.set(stepId, version + 1);
    changed();
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
    // An overlay file may name its environment itself, so the plan's name wins.
    plan(given) {
      carried = given;
      planned = version + 1;
      change({ plan: unpackPlan(given), platform: given.platform });
    },
    reset() {
      carried = undefined;
      planned = version + 1;
      changedAt.clear();
      change({ plan: undefined, steps: {}, waiting: [], cause: undefined, phase: 'planning' });
    },
    carried: () => ({ ...status, plan: carried }),
    since,
    handOver,
    nextRound(stepId) {
      rounds.set(stepId, (rounds.get(stepId) ?? 0) + 1);
      return rounds.get(stepId)!;
    },
    touch: changed,
    phase: (phase) => change({ phase }),
    paused: (paused) => change({ paused }),
    outcome: (outcome, cause = status.cause) => change({ outcome, cause }),
    step(step, state, more = {}) {
      const before = status.steps[step.id];
      // A retry that waits keeps its first start: the rollback must undo the step.
      const again = state === 'running' && before?.state === 'waiting' && !before.cut;
      const startedAt = state === 'waiting' || (before?.startedAt && !again) ? before?.startedAt : now();
      // The last note of an unfinished step tells where it stopped. A finished step shows its result only.
      const note = state === 'done' ? undefined : before?.note;
      const cut = state === 'running' && before?.cut ? { cut: true as const } : {};
      const endedAt = ended.includes(state) ? now() : undefined;
      const { retried, idle, fails } = before ?? {};
      const lasting = { ...(retried && { retried }), ...(idle && { idle }), ...(fails && { fails }) };
      status.steps[step.id] = { note, ...cut, ...lasting, ...more, state, startedAt, endedAt };
      touched(step.id);
    },
    found(stepId, found) {
      Object.assign(status.steps[stepId]!, found);
    },
    note(stepId, note) {
      const entry = status.steps[stepId];
      if (entry?.state !== 'running') return;
      entry.note = note;
      // A note proves that a worker has picked the step up.
      status.waiting = status.waiting.filter((one) => one.kind !== 'unreachable' || one.step !== stepId);
      touched(stepId);
    },
    leave(stepId, left) {
      if (left !== undefined && JSON.stringify(left).length <= longestLeft) lefts[stepId] = left;
    },
    leftBy: (stepId) => before?.carriage.lefts?.[stepId],
    heard(heard) {
      status.heard = [...status.heard, { ...heard, at: now() }].slice(-50);
      changed();
    },
    wait(waiting) {
      status.waiting = [...status.waiting, { ...waiting, since: waiting.since ?? now() }];
      changed();
    },
    unwait(matches) {
      if (status.waiting.some(matches)) change({ waiting: status.waiting.filter((one) => !matches(one)) });
    },
    of: (stepId) => status.steps[stepId],
  };

  function resume({ plan, carriage }: PreviousRun): void {
    const unpacked = unpackPlan(plan);
    const found = unpackStates(unpacked, carriage.steps);
    Object.assign(status, carriage.status, { plan: unpacked, steps: found.steps });
    for (const [id, round] of found.rounds) rounds.set(id, round);
    for (const id of Object.keys(found.steps)) changedAt.set(id, ++version);
  }

  function handOver() {
    const { plan, steps, ...rest } = status;
    const states = packStates(plan!, { steps, rounds });
    return { plan: carried!, status: rest, version, planned, steps: states, ...(!isEmpty(lefts) && { lefts }) };
  }

  function since(known: number): Changes {
    const { plan, steps, ...rest } = status;
    const answer = { planned, status: rest, steps: {} as Changes['steps'] };
    // A plan may fill a payload alone.
    if (plan && known < planned) return { ...answer, upTo: planned, plan: carried, more: true };
    let length = 0;
    for (const [id, at] of changedAt) {
      if (at <= known) continue;
      answer.steps[id] = steps[id]!;
      length += JSON.stringify(steps[id]).length + id.length;
      if (length > longestAnswer) return { ...answer, upTo: at, more: true };
    }
    return { ...answer, upTo: version };
  }
}
