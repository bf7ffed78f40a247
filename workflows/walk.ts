import { CancellationScope, condition, patched, sleep } from '@temporalio/workflow';
import type { Step, StepOf } from '../src/model/plan';
import type { Failure, StepState, StepStatus } from '../src/model/status';
import { isSkippable, isWatch, takesProxyOff } from '../src/model/steps';
import type { Board } from './board';
import type { Control } from './control';
import { failureOf, isCancellation, isSuperseded, isUnreachable } from './failures';
import { createGraph } from './graph';
import { unreachablePause } from './policies';
import { createBreath, isLong, mayRenew } from './renewal';

/** What a step that failed for good leads to. */
export type Consequence = 'turn' | 'hold' | 'leave' | 'pass';

export interface Walk {
  steps: Step[];
  board: Board;
  control: Control;
  /** Carries a step out; answers what there is to say of it. */
  perform(step: Step): Promise<string | undefined>;
  consequence(step: Step, failure: Failure): Consequence;
  /** How many instances may be starting at once; no limit where absent. */
  starts?: number;
  /** On the way back nothing turns or pauses the walk any more. */
  way: 'forward' | 'back';
}

/** `renewed`: nothing runs, and the walk goes on from the board in a history of its own. */
export type WalkEnd = 'done' | 'turned' | 'left' | 'superseded' | 'renewed';

interface Running {
  step: Step;
  scope: CancellationScope;
  /** Why the walk itself ended it. */
  ending?: 'over' | 'skip' | 'turn' | 'renewal';
}

const past: StepState[] = ['done', 'skipped'];

/**
 * Carries out a graph of steps: starts whatever is due, side by side, until all are done, or until a failure or a person
 * turns it. Steps that run when it ends have settled by then.
 */
export async function walk({
  steps,
  board,
  control,
  perform,
  consequence,
  way,
  starts = Infinity,
}: Walk): Promise<WalkEnd> {
  const running = new Map<string, Running>();
  const graph = createGraph(steps);
  const watches = steps.filter(isWatch);
  /** Steps whose wait for a host somebody has cut short. */
  const hurried = new Set<string>();
  let end: WalkEnd | undefined;
  const breath = createBreath(board.touch);
  let fault: { error: unknown } | undefined;
  /** Steps that have to end before another run may begin: else one with many that were cut would do nothing but begin them. */
  let owed = Math.max(1, steps.filter(({ id }) => board.of(id)?.cut).length);
  for (const step of steps) mark(step);

  for (;;) {
    if (fault) throw fault.error;
    const seen = board.version;
    const long = isLong();
    if (way === 'forward' && control.turn && end !== 'superseded') end = 'turned';
    if (end) {
      endAll('turn');
      if (running.size === 0) return end;
    } else {
      hearPeople();
      endWatches();
      if (graph.isDone()) return 'done';
      if (long && owed <= 0 && mayRenew()) {
        if (breath.isOver([...running.values()].map(({ step }) => step))) endAll('renewal');
        if (running.size === 0) return 'renewed';
      } else if (!board.status.paused || way === 'back') {
        startDue();
        holdIfStuck();
      }
    }
    await condition(() => board.version !== seen || isLong() !== long || fault !== undefined);
  }

  function startDue(): void {
    let beginning = starting();
    for (const step of graph.due().filter(isFresh)) {
      if (step.kind === 'launch' && beginning >= starts) continue;
      if (step.kind === 'launch') beginning += 1;
      start(step);
    }
  }

  /** Holds where nothing is due, runs or is waited for, and yet not all is done: else nobody would hear of it. */
  function holdIfStuck(): void {
    // A watch over what is done goes on until it has ended.
    const goesOn = ({ step }: Running) => !isWatch(step) || step.until.every(graph.isPast);
    if (board.status.waiting.length > 0 || [...running.values()].some(goesOn)) return;
    const blocked = graph.left().filter(({ id }) => !running.has(id));
    const [first] = blocked;
    // A release that stood still before this was looked for goes on as it did then.
    if (!first || !patched('stuck-held')) return;
    const failure = stuck(first, blocked);
    board.step(first, 'failed', { failure });
    hold(first, failure, failure.message);
  }

  function isFresh({ id }: Step): boolean {
    return (board.of(id)?.state ?? 'waiting') === 'waiting' && !running.has(id);
  }

  /** Launched and not ready yet; also where the probe begins in this very round. */
  function starting(): number {
    const probes = (step: Step) => step.kind === 'probe' && !step.of;
    const begun = [...running.values()].filter(({ step }) => step.kind === 'launch' || probes(step));
    return begun.length + graph.due().filter((step) => probes(step) && isFresh(step)).length;
  }

  function start(step: Step): void {
    const entry: Running = { step, scope: new CancellationScope({ cancellable: true }) };
    running.set(step.id, entry);
    board.step(step, 'running');
    entry.scope
      .run(() => reach(step))
      .then(
        (note) => settle(step, entry, 'done', { note }),
        (error: unknown) => fail(step, entry, error),
      )
      // Nobody else would hear of it.
      .catch((error: unknown) => {
        fault ??= { error };
      });
  }

  /** A host out of reach holds the step and never fails it: it is tried again until it answers. */
  async function reach(step: Step): Promise<string | undefined> {
    for (let tries = 0; ; tries += 1) {
      const began = Date.now();
      try {
        return await perform(step);
      } catch (error) {
        const failure = failureOf(error, step.id);
        if (isCancellation(error) || !isUnreachable(failure)) throw error;
        board.step(step, 'unreachable', { failure });
        board.wait({
          kind: 'unreachable',
          step: step.id,
          text: `${step.host}: ${failure.message}; tried again until it answers, or at once by retry`,
          command: 'belay doctor',
        });
        // An attempt that went on for longer than that had its host: this is another outage.
        if (Date.now() - began > unreachablePause(tries, way)) tries = 0;
        await nap(step.id, unreachablePause(tries, way), failure.message);
        board.unwait((one) => one.kind === 'unreachable' && one.step === step.id);
        board.step(step, 'running');
      }
    }
  }

  async function nap(id: string, time: number, summary: string): Promise<void> {
    hurried.delete(id);
    const scope = new CancellationScope();
    await scope.run(() => Promise.race([sleep(time, { summary }), condition(() => hurried.has(id))]));
    scope.cancel();
  }

  function settle(step: Step, entry: Running, state: StepState, more: Omit<StepStatus, 'state'>): void {
    running.delete(step.id);
    board.unwait((one) => one.step === step.id);
    board.step(step, state, more.note === undefined && more.failure === undefined && !more.cut ? {} : more);
    mark(step);
    if (state !== 'waiting') owed -= 1;
    if (entry.ending === 'skip' && state === 'cancelled' && step.kind === 'drain' && !end && !isTurning())
      cutShort(step);
  }

  function fail(step: Step, entry: Running, error: unknown): void {
    const failure = failureOf(error, step.id);
    if (entry.ending === 'over' && isCancellation(error)) settle(step, entry, 'done', { note: 'all stayed up' });
    else if (entry.ending === 'renewal' && isCancellation(error)) settle(step, entry, 'waiting', { cut: true });
    else if (entry.ending === 'skip' && step.kind === 'soak') settle(step, entry, 'skipped', {});
    else if (entry.ending && (isCancellation(error) || isDeadline(failure))) settle(step, entry, 'cancelled', {});
    else {
      settle(step, entry, 'failed', { failure });
      if (!end) follow(step, failure);
    }
  }

  function follow(step: Step, failure: Failure): void {
    const next = isSuperseded(failure) && losesAll(step) ? 'superseded' : consequence(step, failure);
    if (next === 'superseded') end = 'superseded';
    else if (next === 'leave') end = 'left';
    else if (next === 'turn' && way === 'forward') control.turn ??= { outcome: 'failed', cause: failure };
    else if (next !== 'pass') hold(step, failure);
    if (next === 'leave' || next === 'superseded') board.status.cause = failure;
  }

  function hold(step: Step, failure: Failure, text = `${step.id} failed: ${failure.message}`): void {
    if (way === 'forward') board.phase('held');
    board.status.cause = failure;
    board.wait({
      kind: 'held',
      step: step.id,
      text,
      command: `belay retry --step ${step.id}`,
      otherwise:
        way === 'forward' && board.status.kind === 'release' ? 'belay rollback' : `belay skip --step ${step.id}`,
    });
  }

  function hearPeople(): void {
    for (const id of drainSet(control.retry)) {
      if (board.of(id)?.state === 'unreachable') hurried.add(id);
      else release(id, (step) => board.step(step, 'waiting'));
    }
    for (const id of drainSet(control.skip)) {
      const entry = running.get(id);
      if (entry) endEarly(entry, 'skip');
      else release(id, skipFailed);
    }
  }

  /** On the way back, what was to follow the step is given up with it: nothing that serves is taken away for what does not come. */
  function giveUp(step: Step): void {
    board.step(step, 'skipped');
    mark(step);
    if (way === 'forward') return;
    for (const next of steps) {
      if (next.kind !== 'record' && next.needs.includes(step.id) && board.of(next.id) === undefined) giveUp(next);
    }
  }

  function release(id: string, change: (step: Step) => void): void {
    const step = graph.step(id);
    if (!step || board.of(id)?.state !== 'failed') return;
    board.unwait((one) => one.step === id);
    change(step);
    mark(step);
    if (way === 'back' || board.status.waiting.some((one) => one.kind === 'held')) return;
    board.status.cause = undefined;
    board.phase('releasing');
  }

  function skipFailed(step: Step): void {
    const { kind } = board.status;
    if (kind !== 'release' && !isSkippable(step.kind)) {
      // What changes the host cannot be left out: it is given up where it stands.
      control.turn ??= { outcome: 'failed', cause: board.of(step.id)?.failure };
      return;
    }
    const late = isDeadline(board.of(step.id)?.failure);
    if (late && step.kind === 'drain') cutShort(step);
    else giveUp(step);
  }

  /** What is left of a drain is not waited for; its slot is still given free. */
  function cutShort(step: StepOf<'drain'>): void {
    start({ ...step, deadline: 0, at_deadline: 'proceed' });
  }

  /** A step that only accompanies others is over when they are. */
  function endWatches(): void {
    for (const { id, until } of watches) {
      const entry = running.get(id);
      if (entry && until.every(graph.isPast)) endEarly(entry, 'over');
    }
  }

  function endAll(why: 'turn' | 'renewal'): void {
    for (const entry of running.values()) endEarly(entry, why);
  }

  function endEarly(entry: Running, why: NonNullable<Running['ending']>): void {
    if (entry.ending) return;
    entry.ending = why;
    entry.scope.cancel();
  }

  function isTurning(): boolean {
    return way === 'forward' && control.turn !== undefined;
  }

  function mark(step: Step): void {
    const { id } = step;
    const { state = 'waiting', failure } = board.of(id) ?? {};
    graph.mark(id, past.includes(state) || (state === 'failed' && consequence(step, failure!) === 'pass'));
  }
}

/** A fault of the plan: the steps wait for each other, or for what never comes. */
function stuck(first: Step, blocked: Step[]): Failure {
  const names = blocked.slice(0, 5).map(({ id }) => id);
  const more = blocked.length > names.length ? `, and ${blocked.length - names.length} more` : '';
  const message = `nothing can go on: no step runs, and these wait for steps that never end: ${names.join(', ')}${more}`;
  return { code: 'unexpected', message, step: first.id, untouched: true };
}

const isDeadline = (failure?: Failure): boolean => failure?.code === 'drain-deadline';

/** A first claim that is refused has changed nothing, and what comes after the service was given back needs it no more. */
const losesAll = (step: Step): boolean => !isAfterRecord(step) && (step.kind !== 'claim' || step.undoes !== undefined);

/** Tidies up once the release has succeeded. */
export const isAfterRecord = (step: Step): boolean => step.kind === 'cleanup' || takesProxyOff(step);

function drainSet(set: Set<string>): string[] {
  const ids = [...set];
  set.clear();
  return ids;
}
