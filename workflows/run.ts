import {
  allHandlersFinished,
  CancellationScope,
  condition,
  patched,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { goesBack } from '../src/model/messages';
import type { Carried, PackedPlan } from '../src/model/packed';
import type { Plan, Step } from '../src/model/plan';
import type { Failure, Outcome, Phase, ReleaseResult, ReleaseStatus } from '../src/model/status';
import { isWatch } from '../src/model/steps';
import { versionWords } from '../src/model/versions';
import { isOfPlatform } from '../src/model/whole-platform';
import { pointOfNoReturn, wasBegun } from './begun';
import { type Board, createBoard, type PreviousRun } from './board';
import type { Carriage } from './carriage';
import { type Control, createControl } from './control';
import { failedCopies, isCopying, isLenient, servicesOf } from './copies';
import { close, hintedFailure } from './ending';
import { failureOf, isFault, isSuperseded } from './failures';
import { keyword } from './keyword';
import { callNext } from './line';
import { listen } from './listen';
import { measureBegin, measureEnd, type Times } from './measures';
import { createPage } from './page';
import { type Call, type Context, perform, showsGates } from './perform';
import { type Consequence, isAfterRecord, walk } from './walk';

export interface Run {
  kind: ReleaseStatus['kind'];
  platform: string;
  by: string;
  reason: string;
  dryRun: boolean;
  /** Milliseconds before the plan is made. */
  after?: number;
  /** True: make another plan if another workflow claims a service after planning. */
  waits?: boolean;
  makePlan(board: Board, control: Control): Promise<Plan | PackedPlan>;
  /** The state that the previous run handed over, in a later run. */
  before?: PreviousRun;
  /** Continues in a new run with an empty history. Never returns. */
  renew(plan: Plan | PackedPlan, carriage: Carriage): Promise<never>;
}

/**
 * Runs a workflow from its plan to its end, and returns its result. The scope shields it from a cancel: a cancelled
 * release rolls back first.
 */
export async function run(options: Run): Promise<Carried<ReleaseResult>> {
  const { before } = options;
  const times: Times = before?.carriage.times ?? { began: Date.now() };
  const show = createPage();
  const onChange = (status: ReleaseStatus) => {
    show(status);
    const phase = phaseOf(status);
    if (phase === shown) return;
    shown = phase;
    if (phase === 'rolling-back') times.turned ??= Date.now();
    // The release starts again from its plan.
    if (phase === 'planning') times.turned = undefined;
    label(options, status, phase);
  };
  const board = createBoard(options, onChange, before);
  let shown = before ? phaseOf(board.status) : 'planning';
  const control = createControl(board, before?.carriage.said);
  listen(board, control);
  if (before) show(board.status);
  CancellationScope.current().cancelRequested.catch(() => control.cancel());
  try {
    return await CancellationScope.nonCancellable(() => runToEnd({ options, board, control, times }));
  } catch (error) {
    if (!isFault(error)) throw error;
    const message = `a fault of Belay: ${error.message}; the host stays as it was at that moment`;
    const fault = { code: 'unexpected', message, hint: 'belay plan' };
    board.outcome('left', fault);
    board.phase('closed');
    throw hintedFailure(fault);
  } finally {
    if (!options.dryRun) measureEnd(board.status, times);
    if (board.status.phase === 'closed') await CancellationScope.nonCancellable(() => callNext(control));
  }
}

/** The phase in lists of releases. `waiting` means that a gate waits for a person. */
type Shown = Phase | 'waiting';

function phaseOf({ phase, waiting }: ReleaseStatus): Shown {
  const isAtGate = phase === 'releasing' && waiting.some((one) => one.kind === 'approval');
  return isAtGate && showsGates() ? 'waiting' : phase;
}

async function runToEnd(call: Call): Promise<Carried<ReleaseResult>> {
  const { options, board, control } = call;
  if (options.before) return (await continueRun(call, options.before.carriage)) ?? (await runAnew(call));
  label(options, board.status, 'planning');
  if (options.after && (await condition(() => control.turn !== undefined, options.after)))
    return await close(options, board, control.turn!.outcome);
  return (await attempt(call)) ?? (await runAnew(call));
}

async function runAnew(call: Call): Promise<Carried<ReleaseResult>> {
  for (;;) {
    call.board.reset();
    const ended = await attempt(call);
    if (ended) return ended;
  }
}

/** Continues where the previous run stopped. */
async function continueRun(call: Call, { back }: Carriage): Promise<Carried<ReleaseResult> | undefined> {
  const context = { ...call, plan: call.board.status.plan! };
  return back ? await walkBack(context, back) : await walkThere(context);
}

/** Makes one plan and performs it. Returns undefined if another workflow was faster and nothing of this one is left. */
async function attempt(call: Call): Promise<Carried<ReleaseResult> | undefined> {
  const { options, board, control } = call;
  const made = await options.makePlan(board, control).catch((error: unknown) => {
    if (control.turn) return undefined;
    const failure = failureOf(error);
    board.outcome('failed', failure);
    board.phase('closed');
    throw hintedFailure(failure);
  });
  if (!made) return await close(options, board, control.turn!.outcome);
  board.plan(made);
  const plan = board.status.plan!;
  if (options.dryRun) return await close(options, board, 'planned');
  measureBegin(board.status);
  if (plan.steps.length === 0) return await close(options, board, 'unchanged');
  board.phase('releasing');
  return await walkThere({ ...call, plan });
}

async function walkThere(context: Context): Promise<Carried<ReleaseResult> | undefined> {
  const { options, board, control, plan } = context;
  const end = await walk({
    steps: plan.steps,
    board,
    control,
    way: 'forward',
    starts: plan.starts,
    perform: (step) => perform(step, context),
    consequence: policyOf(options, plan, board),
  });
  if (end === 'renewed') return await renew(context);
  const failed = isCopying(options.kind) && failedCopies(plan, board);
  if (end === 'done' && failed) return await close(options, board, 'failed', failed);
  if (end === 'done') return await close(options, board, isForgetting(plan) ? 'removed' : done[options.kind]);
  if (end !== 'turned') return await close(options, board, end);
  const wasSlow = options.waits && lostTheClaim(context);
  if (goesBack(options.kind) || isCopying(options.kind)) return await goBack(context, wasSlow);
  return wasSlow ? forget(control) : await stopHalfway(context);
}

/** True if another workflow won the claim and nothing but claims has started. */
function lostTheClaim({ board, control, plan }: Context): boolean {
  const { cause, outcome } = control.turn!;
  if (outcome !== 'failed' || !cause || !isSuperseded(cause)) return false;
  return plan.steps.every((step) => step.kind === 'claim' || !wasBegun(board, step.id));
}

/** Forgets the turn, so that later messages count again. */
function forget(control: Control): undefined {
  control.turn = undefined;
}

/** True if the plan only removes what a restore had kept. */
const isForgetting = ({ steps }: Plan): boolean =>
  steps.some((step) => step.kind === 'restore') &&
  steps.every((step) => step.kind !== 'restore' || step.act === 'forget');

const done: Record<Run['kind'], Outcome> = {
  release: 'released',
  rollback: 'reverted',
  retire: 'retired',
  drop: 'removed',
  prune: 'removed',
  backup: 'backed-up',
  drill: 'passed',
  restore: 'restored',
};

/** A release is rolled back, and a backup gives back what it holds. A rollback, drop or prune leaves its finished steps as they are. */
async function stopHalfway({ options, board, control, plan }: Context): Promise<Carried<ReleaseResult>> {
  const { outcome, cause } = control.turn!;
  const begun = plan.steps.some((step) => wasBegun(board, step.id));
  return await close(options, board, begun ? 'incomplete' : outcome, cause);
}

/**
 * Rolls back.
 * @param again true if the release starts again afterwards; the result is then undefined.
 */
async function goBack(context: Context, again = false): Promise<Carried<ReleaseResult> | undefined> {
  const { board, control, plan } = context;
  const turn = control.turn!;
  if (again) forget(control);
  board.status.cause = turn.cause;
  board.status.waiting = [];
  board.status.paused = false;
  const stays = (plan.lasting ?? []).filter((service) => hasSucceeded(plan, board, service));
  const concluding = concludingOf(plan, stays);
  // The turn cancelled these steps, and a service that stays still needs them.
  for (const step of concluding) if (board.of(step.id)?.state === 'cancelled') board.step(step, 'waiting');
  board.phase('rolling-back');
  return await walkBack(context, { turn, again, stays });
}

async function walkBack(
  context: Context,
  back: NonNullable<Carriage['back']>,
): Promise<Carried<ReleaseResult> | undefined> {
  const { options, board, control, plan } = context;
  const { turn, again, stays } = back;
  const steps = [...undoOf(plan, board, stays), ...concludingOf(plan, stays)];
  const end = await walk({
    steps,
    board,
    control,
    way: 'back',
    starts: plan.starts,
    perform: (step) => perform(unlessGivenUp(step, steps, board), context),
    consequence: () => 'hold',
  });
  if (end === 'renewed') return await renew(context, back);
  if (end === 'superseded') return await close(options, board, 'superseded');
  const skipped = steps.some((step) => board.of(step.id)?.state === 'skipped');
  if (turn.cause || !skipped) board.status.cause = turn.cause;
  if (again && !skipped) return undefined;
  return await close(options, board, skipped ? 'incomplete' : turn.outcome);
}

/** The board holds the whole state, so the next run starts there. */
async function renew({ options, board, control, times }: Context, back?: Carriage['back']): Promise<never> {
  await condition(allHandlersFinished);
  const { plan, ...rest } = board.handOver();
  return await options.renew(plan, { format: 1, ...rest, said: control.handOver(), times, ...(back && { back }) });
}

/** Returns the undo steps of started steps. */
const undoOf = (plan: Plan, board: Board, stays: string[]): Step[] =>
  plan.undo.filter((step) => wasBegun(board, step.undoes!) && !stays.includes(step.service));

/**
 * Returns the last steps of services that stay. A service that writes to a volume keeps its new revision once it has
 * succeeded.
 */
const concludingOf = (plan: Plan, stays: string[]): Step[] =>
  plan.steps.filter((step) => (step.kind === 'record' || isAfterRecord(step)) && stays.includes(step.service));

function hasSucceeded(plan: Plan, board: Board, service: string): boolean {
  const own = plan.steps.filter((step) => step.service === service && step.kind !== 'record' && !isAfterRecord(step));
  const stateOf = (step: Step) => board.of(step.id)?.state ?? '';
  // A job has run whatever a test of the platform says.
  const isJob = plan.services.some((one) => one.service === service && one.job);
  const concerns = (step: Step) => step.service === service || (isOfPlatform(step) && !isJob);
  const failed = plan.steps.some((step) => concerns(step) && stateOf(step) === 'failed');
  return !failed && own.every((step) => isWatch(step) || ['done', 'skipped'].includes(stateOf(step)));
}

/**
 * Returns a pending `record` if an undo step of the service was skipped. The host is mixed then, and the next rollback
 * needs the revision.
 */
function unlessGivenUp(step: Step, steps: Step[], board: Board): Step {
  const isGivenUp = (one: Step) => one.service === step.service && board.of(one.id)?.state === 'skipped';
  return step.kind === 'record' && steps.some(isGivenUp) ? { ...step, state: 'pending' } : step;
}

const isCopy = ({ kind }: Step): boolean => kind === 'backup' || kind === 'verify' || kind === 'drill';

const policyOf =
  (options: Run, plan: Plan, board: Board) =>
  (step: Step, failure: Failure): Consequence => {
    if (isAfterRecord(step) || step.kind === 'warm' || step.kind === 'later') return 'pass';
    if (failure.code === 'inconclusive') return 'hold';
    if (step.kind === 'drain' && failure.code === 'drain-deadline' && step.at_deadline === 'hold') return 'hold';
    if (isLenient(step) && isSuperseded(failure)) return 'pass';
    if (step.kind === 'claim') return options.kind === 'retire' && !isSuperseded(failure) ? 'hold' : 'turn';
    if (options.kind === 'prune') return 'leave';
    // Nothing has changed yet, so there is nothing to hold for.
    if (options.kind === 'release' && isCopy(step) && !pointOfNoReturn(board)) return 'turn';
    if (isCopying(options.kind)) return step.kind === 'record' ? 'hold' : 'pass';
    if (step.kind === 'restore' && step.lenient) return 'pass';
    const policy = goesBack(options.kind) ? (plan.onFailure[step.service] ?? 'rollback') : 'hold';
    if (policy !== 'rollback') return policy;
    return pointOfNoReturn(board) ? 'hold' : 'turn';
  };

/**
 * A search for releases must not find dry runs. The Web UI's form copies the labels of the release whose input it takes.
 */
function unlabel(): void {
  const copied = Object.entries(workflowInfo().searchAttributes).filter(
    ([name, values]) => name.startsWith('Belay') && values?.length,
  );
  if (copied.length > 0 && patched('unlabelled-dry-runs'))
    upsertSearchAttributes(Object.fromEntries(copied.map(([name]) => [name, []])));
}

function label({ dryRun, kind }: Run, status: ReleaseStatus, phase: Shown): void {
  if (dryRun) {
    unlabel();
    return;
  }
  const services = status.plan?.services ?? [];
  upsertSearchAttributes({
    BelayPlatform: [keyword(status.platform)],
    BelayServices:
      isCopying(kind) || kind === 'restore'
        ? servicesOf(status.plan)
        : (status.plan?.removals ?? services).map((one) => one.service),
    BelayVersions: versionWords(services),
    BelayPhase: [phase],
    BelayOutcome: status.outcome ? [status.outcome] : [],
  });
}
