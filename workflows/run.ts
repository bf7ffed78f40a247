import { allHandlersFinished, CancellationScope, condition, upsertSearchAttributes } from '@temporalio/workflow';
import type { Carried, PackedPlan } from '../src/model/packed';
import type { Plan, Step } from '../src/model/plan';
import type { Failure, Outcome, Phase, ReleaseResult, ReleaseStatus } from '../src/model/status';
import { isWatch } from '../src/model/steps';
import { versionsText } from '../src/model/versions';
import { type Before, type Board, createBoard } from './board';
import type { Carriage } from './carriage';
import { type Control, createControl } from './control';
import { close, told } from './ending';
import { failureOf, isFault, isSuperseded } from './failures';
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
  /** Milliseconds until the plan is made. */
  after?: number;
  /** Where another workflow takes a service between the plan and the claim: waits again, and makes another plan. */
  waits?: boolean;
  makePlan(board: Board, control: Control): Promise<Plan | PackedPlan>;
  /** What the run before has handed over, where this one goes on with it. */
  before?: Before;
  /** Goes on in a run of its own, with a history that begins anew. Never returns. */
  renew(plan: Plan | PackedPlan, carriage: Carriage): Promise<never>;
}

/**
 * A release or a rollback from its plan to its end. Runs in a scope that a cancel from outside does not reach: a cancelled
 * release goes back first.
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
    // It begins anew.
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
    board.outcome('left', { code: 'unexpected', message, hint: 'belay plan' });
    board.phase('closed');
    throw told({ type: 'unexpected', message, details: [{ hint: 'belay plan' }] });
  } finally {
    if (!options.dryRun) measureEnd(board.status, times);
  }
}

/** As lists of releases show it: also what waits for a person who is in no hurry to look. */
type Shown = Phase | 'waiting';

function phaseOf({ phase, waiting }: ReleaseStatus): Shown {
  const isAtGate = phase === 'releasing' && waiting.some((one) => one.kind === 'approval');
  return isAtGate && showsGates() ? 'waiting' : phase;
}

async function runToEnd(call: Call): Promise<Carried<ReleaseResult>> {
  const { options, board, control } = call;
  if (options.before) return (await goOn(call, options.before.carriage)) ?? (await runAnew(call));
  label(options, board.status, 'planning');
  if (options.after && (await condition(() => control.turn !== undefined, options.after)))
    return await close(options, board, control.turn!.outcome);
  return (await attempt(call)) ?? (await runAnew(call));
}

async function runAnew(call: Call): Promise<Carried<ReleaseResult>> {
  for (;;) {
    call.board.again();
    const ended = await attempt(call);
    if (ended) return ended;
  }
}

/** From where the run before has left it. */
async function goOn(call: Call, { back }: Carriage): Promise<Carried<ReleaseResult> | undefined> {
  const context = { ...call, plan: call.board.status.plan! };
  return back ? await walkBack(context, back) : await walkThere(context);
}

/** One plan, carried out; undefined where another workflow was faster, and nothing of this one is left. */
async function attempt(call: Call): Promise<Carried<ReleaseResult> | undefined> {
  const { options, board, control } = call;
  const made = await options.makePlan(board, control).catch((error: unknown) => {
    if (control.turn) return undefined;
    const failure = failureOf(error);
    board.outcome('failed', failure);
    board.phase('closed');
    throw told({ type: failure.code, message: failure.message, details: [{ hint: failure.hint }] });
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
    consequence: policyOf(options, plan),
  });
  if (end === 'renewed') return await renew(context);
  if (end === 'done') return await close(options, board, done[options.kind]);
  if (end !== 'turned') return await close(options, board, end);
  const wasSlow = options.waits && wasFirst(context);
  if (options.kind === 'release') return await goBack(context, wasSlow);
  return wasSlow ? forget(control) : await stopHalfway(context);
}

/** Another workflow had a service before it could be claimed; claims are all that was begun. */
function wasFirst({ board, control, plan }: Context): boolean {
  const { cause, outcome } = control.turn!;
  if (outcome !== 'failed' || !cause || !isSuperseded(cause)) return false;
  return plan.steps.every((step) => step.kind === 'claim' || !wasBegun(board, step.id));
}

/** What is said from now on counts again. */
function forget(control: Control): undefined {
  control.turn = undefined;
}

const done: Record<Run['kind'], Outcome> = {
  release: 'released',
  rollback: 'released',
  retire: 'released',
  drop: 'removed',
  prune: 'removed',
};

/** Only a release is rolled back: what a rollback, a drop or a prune has begun stays as it is. */
async function stopHalfway({ options, board, control, plan }: Context): Promise<Carried<ReleaseResult>> {
  const { outcome, cause } = control.turn!;
  const begun = plan.steps.some((step) => wasBegun(board, step.id));
  return await close(options, board, begun ? 'incomplete' : outcome, cause);
}

/** @param again where the release is to begin anew afterwards: then undefined is answered. */
async function goBack(context: Context, again = false): Promise<Carried<ReleaseResult> | undefined> {
  const { board, control, plan } = context;
  const turn = control.turn!;
  if (again) forget(control);
  board.status.cause = turn.cause;
  board.status.waiting = [];
  board.status.paused = false;
  const stays = (plan.lasting ?? []).filter((service) => hasSucceeded(plan, board, service));
  const lasting = lastingOf(plan, stays);
  // What was cut short when the release turned is begun again.
  for (const step of lasting) if (board.of(step.id)?.state === 'cancelled') board.step(step, 'waiting');
  board.phase('rolling-back');
  return await walkBack(context, { turn, again, stays });
}

async function walkBack(
  context: Context,
  back: NonNullable<Carriage['back']>,
): Promise<Carried<ReleaseResult> | undefined> {
  const { options, board, control, plan } = context;
  const { turn, again, stays } = back;
  const steps = [...undoOf(plan, board, stays), ...lastingOf(plan, stays)];
  const end = await walk({
    steps,
    board,
    control,
    way: 'back',
    starts: plan.starts,
    perform: (step) => perform(asItStands(step, steps, board), context),
    consequence: () => 'hold',
  });
  if (end === 'renewed') return await renew(context, back);
  if (end === 'superseded') return await close(options, board, 'superseded');
  const skipped = steps.some((step) => board.of(step.id)?.state === 'skipped');
  if (turn.cause || !skipped) board.status.cause = turn.cause;
  if (again && !skipped) return undefined;
  return await close(options, board, skipped ? 'incomplete' : turn.outcome);
}

/** All that it goes by is on the board: the next run begins there. */
async function renew({ options, board, control, times }: Context, back?: Carriage['back']): Promise<never> {
  await condition(allHandlersFinished);
  const { plan, ...rest } = board.handOver();
  return await options.renew(plan, { format: 1, ...rest, said: control.handOver(), times, ...(back && { back }) });
}

/** What was begun and is to be undone. */
const undoOf = (plan: Plan, board: Board, stays: string[]): Step[] =>
  plan.undo.filter((step) => wasBegun(board, step.undoes!) && !stays.includes(step.service));

/** A service that writes to a volume, and has succeeded, is put on record where others go back. */
const lastingOf = (plan: Plan, stays: string[]): Step[] =>
  plan.steps.filter((step) => (step.kind === 'record' || isAfterRecord(step)) && stays.includes(step.service));

function hasSucceeded(plan: Plan, board: Board, service: string): boolean {
  const own = plan.steps.filter((step) => step.service === service && step.kind !== 'record' && !isAfterRecord(step));
  const stateOf = (step: Step) => board.of(step.id)?.state ?? '';
  const failed = plan.steps.some((step) => step.service === service && stateOf(step) === 'failed');
  return !failed && own.every((step) => isWatch(step) || ['done', 'skipped'].includes(stateOf(step)));
}

/** Where a part of the way back was given up the host is mixed: its revision stays begun, and a rollback goes by it. */
function asItStands(step: Step, steps: Step[], board: Board): Step {
  const isGivenUp = (one: Step) => one.service === step.service && board.of(one.id)?.state === 'skipped';
  return step.kind === 'record' && steps.some(isGivenUp) ? { ...step, state: 'pending' } : step;
}

/** A claim that the host refused has left nothing there to undo, nor has any step that failed before it changed anything. */
function wasBegun(board: Board, id: string): boolean {
  const entry = board.of(id);
  if (!entry?.startedAt) return false;
  const { state, failure } = entry;
  return !(state === 'failed' && failure && (failure.untouched || isSuperseded(failure)));
}

const policyOf =
  (options: Run, plan: Plan) =>
  (step: Step, failure: Failure): Consequence => {
    if (isAfterRecord(step) || step.kind === 'warm') return 'pass';
    if (step.kind === 'drain' && failure.code === 'drain-deadline' && step.at_deadline === 'hold') return 'hold';
    if (step.kind === 'claim') return options.kind === 'retire' && !isSuperseded(failure) ? 'hold' : 'turn';
    if (options.kind === 'prune') return 'leave';
    const policy = options.kind === 'release' ? (plan.onFailure[step.service] ?? 'rollback') : 'hold';
    return policy === 'rollback' ? 'turn' : policy;
  };

/** The most that Temporal's stores keep of a keyword; a longer one stops the workflow. */
const longestKeyword = 255;

function label({ dryRun }: Run, status: ReleaseStatus, phase: Shown): void {
  // A dry run is nobody's release, and is not found as one.
  if (dryRun) return;
  const services = status.plan?.services ?? [];
  upsertSearchAttributes({
    BelayPlatform: [status.platform.slice(0, longestKeyword)],
    BelayServices: (status.plan?.removals ?? services).map((one) => one.service),
    BelayVersion: [versionsText(services)],
    BelayPhase: [phase],
    BelayOutcome: status.outcome ? [status.outcome] : [],
  });
}
