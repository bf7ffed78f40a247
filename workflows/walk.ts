import { CancellationScope, condition, patched, sleep } from '@temporalio/workflow';
import { goesBack } from '../src/model/messages';
import type { Step, StepOf } from '../src/model/plan';
import type { Failure, StepState, StepStatus, Waiting } from '../src/model/status';
import { isSeries, isSkippable, isWatch, takesProxyOff } from '../src/model/steps';
import { isOfPlatform } from '../src/model/whole-platform';
import { pointOfNoReturn } from './begun';
import type { Board } from './board';
import type { Control } from './control';
import { failureOf, isCancellation, isSuperseded, isUnreachable, lastNote, leftBy } from './failures';
import { stepsThatReturn } from './gone';
import { createGraph } from './graph';
import { unreachablePause } from './policies';
import { createGrace, isLong, mayRenew } from './renewal';

/** The consequence of a step that failed for good. */
export type Consequence = 'turn' | 'hold' | 'leave' | 'pass';

export interface Walk {
  steps: Step[];
  board: Board;
  control: Control;
  /** Performs a step and returns its result in words. */
  perform(step: Step): Promise<string | undefined>;
  consequence(step: Step, failure: Failure): Consequence;
  /** Most instances that may be starting at once; absent: no limit. */
  starts?: number;
  /** A walk back cannot turn or pause. */
  way: 'forward' | 'back';
}

/** `renewed`: no step runs, and a new run continues from the board. */
export type WalkEnd = 'done' | 'turned' | 'left' | 'superseded' | 'renewed';

interface Running {
  step: Step;
  scope: CancellationScope;
  /** The reason why the walk itself ended the step. */
  ending?: 'over' | 'skip' | 'turn' | 'renewal';
}

const past: StepState[] = ['done', 'skipped'];

/**
 * Performs a graph of steps. Due steps run side by side until all are done, or a failure or a person turns the walk.
 * All running steps have settled when it returns.
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
  /** Tests that run beside the other steps of their service. */
  const beside = steps.filter((step) => isWatch(step) || isSeries(step));
  /** Steps whose wait for a host a person has cut short. */
  const cutWaits = new Set<string>();
  let end: WalkEnd | undefined;
  const grace = createGrace(board.touch);
  let fault: { error: unknown } | undefined;
  /**
   * Steps to finish before another renewal. Without a minimum, a run with many cut steps could only start them again.
   */
  let mustFinish = Math.max(1, steps.filter(({ id }) => board.of(id)?.cut).length);
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
      if (long && mustFinish <= 0 && mayRenew()) {
        if (grace.isOver([...running.values()].map(({ step }) => step))) endAll('renewal');
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
      if (isHeldBack(step)) continue;
      if (step.kind === 'launch' && beginning >= starts) continue;
      if (step.kind === 'launch') beginning += 1;
      start(step);
    }
  }

  /**
   * True if a watch or series over the service, or over the platform, has failed: another step could take out the instances that still serve.
   * A retry or skip of the failed one lets it begin.
   */
  function isHeldBack(step: Step): boolean {
    const isFailed = (one: Step) =>
      (one.service === step.service || isOfPlatform(one)) && board.of(one.id)?.state === 'failed';
    if (way === 'back' || beside.includes(step)) return false;
    // Releases that went on beside a failed watch replay as they ran.
    return beside.some(isFailed) && patched('watch-held');
  }

  /**
   * Holds if unfinished steps remain, but none is due, runs or waits. Otherwise the release would stand still unseen.
   */
  function holdIfStuck(): void {
    // A watch over finished steps is about to end.
    const isPending = ({ step }: Running) => !isWatch(step) || step.until.every(graph.isPast);
    if (board.status.waiting.length > 0 || [...running.values()].some(isPending)) return;
    const blocked = graph.left().filter(({ id }) => !running.has(id));
    const [first] = blocked;
    // Releases that stood still before this check replay as they ran.
    if (!first || !patched('stuck-held')) return;
    const failure = stuck(first, waitsIn(blocked));
    board.step(first, 'failed', { failure });
    hold(first, failure, { text: failure.message, command: otherWay(first) });
  }

  /** Returns which step waits for which. */
  function waitsIn(blocked: Step[]): string[] {
    return blocked.map(({ id, needs }) => {
      const open = needs.filter((need) => graph.step(need) && !graph.isPast(need));
      return open.length > 0 ? `${id} waits for ${open.join(', ')}` : `${id} may not begin`;
    });
  }

  function isFresh({ id }: Step): boolean {
    return (board.of(id)?.state ?? 'waiting') === 'waiting' && !running.has(id);
  }

  /** Returns the number of instances launched and not ready yet. Steps that are due in this round count too. */
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
      // An error here has no other listener.
      .catch((error: unknown) => {
        fault ??= { error };
      });
  }

  /**
   * Performs the step, and tries again for as long as its host is unreachable. An unreachable host never fails a step.
   */
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
          text: `${step.host}: ${failure.message}; Belay tries again until it answers; retry tries at once`,
          command: 'belay doctor',
        });
        // The attempt ran longer than the pause, so it had reached the host: a new outage begins.
        if (Date.now() - began > unreachablePause(tries, way)) tries = 0;
        await nap(step.id, unreachablePause(tries, way), failure.message);
        board.unwait((one) => one.kind === 'unreachable' && one.step === step.id);
        board.step(step, 'running');
      }
    }
  }

  async function nap(id: string, time: number, summary: string): Promise<void> {
    cutWaits.delete(id);
    const scope = new CancellationScope();
    await scope.run(() => Promise.race([sleep(time, { summary }), condition(() => cutWaits.has(id))]));
    scope.cancel();
  }

  function settle(step: Step, entry: Running, state: StepState, more: Omit<StepStatus, 'state'>): void {
    running.delete(step.id);
    board.unwait((one) => one.step === step.id);
    board.step(step, state, more.note === undefined && more.failure === undefined && !more.cut ? {} : more);
    mark(step);
    if (state !== 'waiting') mustFinish -= 1;
    if (entry.ending === 'skip' && state === 'cancelled' && step.kind === 'drain' && !end && !isTurning())
      cutShort(step);
  }

  function fail(step: Step, entry: Running, error: unknown): void {
    const failure = failureOf(error, step.id);
    if (entry.ending === 'over' && isCancellation(error))
      settle(step, entry, 'done', { note: step.kind === 'validate' && step.smoke ? lastNote(error) : 'all stayed up' });
    else if (entry.ending === 'renewal' && isCancellation(error)) {
      board.leave(step.id, leftBy(error));
      settle(step, entry, 'waiting', { cut: true });
    } else if (entry.ending === 'skip' && step.kind === 'soak') settle(step, entry, 'skipped', {});
    else if (entry.ending && (isCancellation(error) || isDeadline(failure))) settle(step, entry, 'cancelled', {});
    else {
      settle(step, entry, 'failed', { failure });
      if (!end) follow(step, failure);
    }
  }

  function follow(step: Step, failure: Failure): void {
    const next = isSuperseded(failure) && endsTheRelease(step) ? 'superseded' : consequence(step, failure);
    if (next === 'superseded') end = 'superseded';
    else if (next === 'leave') end = 'left';
    else if (next === 'turn' && way === 'forward') control.turn ??= { outcome: 'failed', cause: failure };
    else if (next !== 'pass') hold(step, failure);
    if (next === 'leave' || next === 'superseded') board.status.cause = failure;
  }

  function hold(step: Step, failure: Failure, ways = waysOn(step, failure)): void {
    if (way === 'forward') board.phase('held');
    board.status.cause = failure;
    board.wait({ kind: 'held', step: step.id, ...ways });
  }

  function waysOn(step: Step, failure: Failure): Pick<Waiting, 'text' | 'command' | 'otherwise'> {
    const text = heldText(step, failure);
    const { gone } = failure;
    const retry = `belay retry --step ${step.id}`;
    const other = otherWay(step);
    if (gone === undefined) return { text, command: retry, otherwise: other };
    const returns = stepsThatReturn(gone, steps, board).length > 0;
    if (!returns) return { text: `${text}; ${withoutIt(other)}`, command: other };
    const isTaken = way === 'back' || other === 'belay rollback';
    return { text: `${text}; retry starts it again`, command: retry, ...(isTaken && { otherwise: other }) };
  }

  /** Past a point of no return, a skip of what nothing goes on without ends the release as it stands. */
  function otherWay(step: Step): string {
    if (way === 'forward' && !control.objection('rollback')) return 'belay rollback';
    return `belay skip --step ${step.id}`;
  }

  function hearPeople(): void {
    for (const id of drainSet(control.retry)) {
      if (board.of(id)?.state === 'unreachable') cutWaits.add(id);
      else release(id, again);
    }
    for (const id of drainSet(control.skip)) {
      const entry = running.get(id);
      if (entry) endEarly(entry, 'skip');
      else release(id, skipFailed);
    }
  }

  /** An instance that is gone is launched again first. */
  function again(step: Step): void {
    const { retried = 0, failure } = board.of(step.id)!;
    board.step(step, 'waiting', { retried: retried + 1 });
    for (const one of failure?.gone ? stepsThatReturn(failure.gone, steps, board) : []) {
      if (board.of(one.id)?.state !== 'done') continue;
      board.step(one, 'waiting');
      mark(one);
    }
  }

  /**
   * Skips the step. In a rollback it also skips its followers: no serving instance may go for one that does not come.
   */
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
    if (!goesBack(kind) && !isSkippable(step)) {
      // A drop or prune must not leave out a change of the host, so it ends here.
      control.turn ??= { outcome: 'failed', cause: board.of(step.id)?.failure };
      return;
    }
    if (way === 'forward' && !isSkippable(step) && pointOfNoReturn(board)) {
      // Nothing leads back, and nothing goes on without the step: the release ends as it stands.
      end = 'left';
      board.status.cause = board.of(step.id)?.failure;
      return;
    }
    const late = isDeadline(board.of(step.id)?.failure);
    if (late && step.kind === 'drain') cutShort(step);
    else giveUp(step);
  }

  /** Ends a drain without a further wait; its slot becomes free all the same. */
  function cutShort(step: StepOf<'drain'>): void {
    start({ ...step, deadline: 0, at_deadline: 'proceed' });
  }

  /** Ends the watches whose watched steps are all past. */
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

/** Returns the failure for a faulty plan, whose steps wait for each other or for missing steps. */
function stuck(first: Step, waits: string[]): Failure {
  const most = 5;
  const more = waits.length > most ? `, and ${waits.length - most} more steps wait` : '';
  const told = waits.slice(0, most).join('; ');
  const message = `the plan is faulty, and the release cannot continue: ${told}${more}`;
  const hint =
    'no retry helps: roll back, or skip them if it rolls back already; then release again, and report this plan';
  return { code: 'unexpected', message, hint, step: first.id, untouched: true };
}

/** What to do about an instance that no step of this way starts again. */
const withoutIt = (command: string): string =>
  `no step starts it again: ${
    command === 'belay rollback'
      ? 'roll back, and release again'
      : 'skip goes on without it, and then belay release starts what is missing'
  }`;

/** A verdict of hold leaves the decision to a person, who may go on. */
const heldText = ({ id }: Step, { code, message }: Failure): string =>
  code === 'inconclusive' ? `${id} holds: ${message}; belay skip --step ${id} goes on` : `${id} failed: ${message}`;

const isDeadline = (failure?: Failure): boolean => failure?.code === 'drain-deadline';

/**
 * True if the lost fence ends the release. A refused first claim has changed nothing, and steps after `record` need no
 * fence.
 */
const endsTheRelease = (step: Step): boolean =>
  !isAfterRecord(step) && (step.kind !== 'claim' || step.undoes !== undefined);

/** True for steps that clean up after a successful release. */
export const isAfterRecord = (step: Step): boolean => step.kind === 'cleanup' || takesProxyOff(step);

function drainSet(set: Set<string>): string[] {
  const ids = [...set];
  set.clear();
  return ids;
}
