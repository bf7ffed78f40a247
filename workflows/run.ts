import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  condition,
  proxyActivities,
  setCurrentDetails,
  setDefaultSignalHandler,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { Activities, StepInput, StepResult } from '../activities';
import { versionsText } from '../src/plan/versions';
import type { Plan, Step } from '../src/spec/plan';
import type { Failure, Outcome, Phase, ReleaseResult, ReleaseStatus, Said } from '../src/spec/status';
import { type Board, createBoard } from './board';
import { type Control, createControl } from './control';
import { failureOf, isSuperseded } from './failures';
import { markdown } from './markdown';
import { descriptions, isMessage, messages, progress, signals, status as statusQuery, updates } from './messages';
import { optionsFor } from './policies';
import { type Consequence, walk } from './walk';

export interface Run {
  kind: ReleaseStatus['kind'];
  platform: string;
  by: string;
  reason: string;
  dryRun: boolean;
  makePlan(): Promise<Plan>;
}

/**
 * A release or a rollback from its plan to its end. Runs in a scope that a cancel from outside does not reach: a cancelled
 * release goes back first.
 */
export async function run(options: Run): Promise<ReleaseResult> {
  let shown: Phase = 'planning';
  const board = createBoard(options, (status) => {
    setCurrentDetails(markdown(status));
    if (status.phase === shown) return;
    shown = status.phase;
    label(options, status);
  });
  const control = createControl(board);
  listen(board, control);
  CancellationScope.current().cancelRequested.catch(() => control.cancel());
  return await CancellationScope.nonCancellable(() => runToEnd(options, board, control));
}

async function runToEnd(options: Run, board: Board, control: Control): Promise<ReleaseResult> {
  label(options, board.status);
  const plan = await options.makePlan().catch((error: unknown) => {
    const failure = failureOf(error);
    board.outcome('failed', failure);
    board.phase('closed');
    throw told({ type: failure.code, message: failure.message, details: [{ hint: failure.hint }] });
  });
  board.plan(plan);
  if (options.dryRun || plan.steps.length === 0) return await close(options, board, 'unchanged');
  board.phase('releasing');
  const end = await walk({
    steps: plan.steps,
    board,
    control,
    way: 'forward',
    perform: (step, round) => perform(step, round, { plan, board, control, options }),
    consequence: policyOf(options, plan),
  });
  if (end === 'done') return await close(options, board, done[options.kind]);
  if (end !== 'turned') return await close(options, board, end);
  if (options.kind !== 'release') return await stopHalfway({ options, board, control, plan });
  return await goBack({ options, board, control, plan });
}

const done: Record<Run['kind'], Outcome> = {
  release: 'released',
  rollback: 'released',
  drop: 'removed',
  prune: 'removed',
};

interface Context {
  options: Run;
  board: Board;
  control: Control;
  plan: Plan;
}

/** Only a release is rolled back: what a rollback, a drop or a prune has begun stays as it is. */
async function stopHalfway({ options, board, control, plan }: Context): Promise<ReleaseResult> {
  const { outcome, cause } = control.turn!;
  const begun = plan.steps.some((step) => wasBegun(board, step.id));
  return await close(options, board, begun ? 'incomplete' : outcome, cause);
}

async function goBack(context: Context): Promise<ReleaseResult> {
  const { options, board, control, plan } = context;
  const turn = control.turn!;
  board.status.cause = turn.cause;
  board.status.waiting = [];
  board.status.paused = false;
  const steps = plan.undo.filter((step) => wasBegun(board, step.undoes!));
  board.phase('rolling-back');
  const end = await walk({
    steps,
    board,
    control,
    way: 'back',
    perform: (step, round) => perform(asItStands(step, steps, board), round, context),
    consequence: () => 'hold',
  });
  if (end === 'superseded') return await close(options, board, 'superseded');
  const skipped = steps.some((step) => board.of(step.id)?.state === 'skipped');
  if (turn.cause || !skipped) board.status.cause = turn.cause;
  return await close(options, board, skipped ? 'incomplete' : turn.outcome);
}

/** Where a part of the way back was given up the host is mixed: its revision stays begun, and a rollback goes by it. */
function asItStands(step: Step, steps: Step[], board: Board): Step {
  const isGivenUp = (one: Step) => one.service === step.service && board.of(one.id)?.state === 'skipped';
  return step.kind === 'record' && steps.some(isGivenUp) ? { ...step, state: 'pending' } : step;
}

/** A claim that the host refused has left nothing there to undo. */
function wasBegun(board: Board, id: string): boolean {
  const entry = board.of(id);
  if (!entry?.startedAt) return false;
  return !(entry.state === 'failed' && entry.failure && isSuperseded(entry.failure));
}

async function perform(
  step: Step,
  round: number,
  { plan, board, control, options }: Context,
): Promise<string | undefined> {
  if (step.kind === 'approve') return await waitForApproval(step, board, control);
  const { format, platform, engine, proxies, source } = plan;
  const input: StepInput = { format, step, round, platform, engine, proxies, by: options.by, reason: options.reason };
  if (step.kind === 'prune') input.platform = step.removal.platform;
  if (step.kind === 'configure') input.source = source;
  const call = proxyActivities<Activities>(optionsFor(step))[step.kind] as (input: StepInput) => Promise<StepResult>;
  const { note, freed } = await call(input);
  if (freed) board.status.freed = (board.status.freed ?? 0) + freed;
  return note;
}

async function waitForApproval(step: Step & { kind: 'approve' }, board: Board, control: Control): Promise<string> {
  board.wait({
    kind: 'approval',
    step: step.id,
    text: step.question,
    command: 'belay approve',
    otherwise: 'belay reject',
  });
  await condition(() => control.approved.has(step.id));
  const said = [...board.status.heard].reverse().find((one) => one.message === 'approve');
  return `approved by ${said?.by ?? 'unknown'}`;
}

const policyOf =
  (options: Run, plan: Plan) =>
  (step: Step, failure: Failure): Consequence => {
    if (step.kind === 'cleanup') return 'pass';
    if (step.kind === 'drain' && failure.code === 'drain-deadline' && step.at_deadline === 'hold') return 'hold';
    if (step.kind === 'claim') return 'turn';
    if (options.kind === 'prune') return 'leave';
    const policy = options.kind === 'release' ? (plan.onFailure[step.service] ?? 'rollback') : 'hold';
    return policy === 'rollback' ? 'turn' : policy;
  };

/** Registered before anything is awaited, so that the Web UI's menus show them from the first moment. */
function listen(board: Board, control: Control): void {
  setHandler(statusQuery, () => board.status, {
    description: 'The plan, the state of each step, and what is waited for.',
  });
  // What came in before is heard in the order in which it was said, not in the order of the handlers below.
  setDefaultSignalHandler((name, said) => {
    if (isMessage(name)) control.hear(name, said as Said | undefined);
  });
  for (const message of messages) {
    const description = descriptions[message];
    setHandler(signals[message], (said?: Said) => void control.hear(message, said), { description });
    setHandler(updates[message], (said?: Said) => control.hear(message, said), {
      description,
      validator: (said?: Said) => {
        const objection = control.objection(message, said);
        if (objection) throw told({ type: 'refused', message: objection });
      },
    });
  }
  setHandler(progress, (said) => board.note(String(said?.step), String(said?.note)), {
    description: "Sent by Belay's own activities.",
  });
}

/** A failure for people: the Web UI shows a stack where there is one, and nobody can do anything with it. */
function told(options: { type: string; message: string; details?: unknown[] }): ApplicationFailure {
  const failure = ApplicationFailure.create({ ...options, nonRetryable: true });
  failure.stack = '';
  return failure;
}

async function close(
  options: Run,
  board: Board,
  outcome: Outcome,
  cause: Failure | undefined = board.status.cause,
): Promise<ReleaseResult> {
  board.status.waiting = [];
  board.status.paused = false;
  board.outcome(outcome, cause);
  board.phase('closed');
  await condition(allHandlersFinished);
  const { plan } = board.status;
  const reached = (service: { to: { revision: number }; from?: { revision: number } }) =>
    outcome === 'released' ? service.to.revision : (service.from?.revision ?? 0);
  const result: ReleaseResult = {
    outcome,
    platform: options.platform,
    revisions: Object.fromEntries((plan?.services ?? []).map((service) => [service.service, reached(service)])),
    cause,
    ...(board.status.freed !== undefined && { freed: board.status.freed }),
    plan: options.dryRun ? plan : undefined,
  };
  if (outcome === 'cancelled') throw new CancelledFailure('cancelled, and rolled back', [result]);
  if (good.includes(outcome)) return result;
  throw told({ type: outcome, message: cause?.message ?? outcome, details: [result] });
}

const good: Outcome[] = ['released', 'removed', 'unchanged', 'rolled-back'];

function label({ platform, dryRun }: Run, status: ReleaseStatus): void {
  // A dry run is nobody's release, and is not found as one.
  if (dryRun) return;
  const services = status.plan?.services ?? [];
  upsertSearchAttributes({
    BelayPlatform: [platform],
    BelayServices: (status.plan?.removals ?? services).map((one) => one.service),
    BelayVersion: [versionsText(services)],
    BelayPhase: [status.phase],
    BelayOutcome: status.outcome ? [status.outcome] : [],
  });
}
