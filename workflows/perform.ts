import { condition, patched, proxyActivities, sleep, startChild, workflowInfo } from '@temporalio/workflow';
import type { Activities, StepInput, StepResult } from '../activities';
import type { Plan, Step, StepOf } from '../src/model/plan';
import type { RetireRequest, WatchRequest } from '../src/model/requests';
import { isWatch, summaryOf } from '../src/model/steps';
import { isIdle, pointOfNoReturn, wasBegun } from './begun';
import type { Board } from './board';
import type { Control } from './control';
import { isLeftOut } from './copies';
import type { Times } from './measures';
import { optionsFor } from './policies';
import type { Run } from './run';
import { untilTaken } from './taken';
import { timingsOf } from './timings';
import { placeOf } from './watch';

export interface Call {
  options: Run;
  board: Board;
  control: Control;
  times: Times;
}

/** A run with its plan. */
export interface Context extends Call {
  plan: Plan;
}

/** Performs one step and returns its result in words. */
export async function perform(step: Step, context: Context): Promise<string | undefined> {
  const { board, control } = context;
  if (isIdle(step, board)) return 'nothing is pending';
  if (isLeftOut(step, context.plan, board)) return 'left out';
  if (step.kind === 'approve') return await waitForApproval(step, board, control);
  if (step.kind === 'soak') return await soak(step, board);
  if (step.kind === 'warm') return await keepWarm(step, context);
  if (step.kind === 'later') return await goOnMeasuring(step, context);
  const { note, freed, idle, fails } = await untilTaken({ step, board }, ({ within, ...more }) => {
    const call = proxyActivities<Activities>(optionsFor(step, within))[step.kind] as (
      input: StepInput,
    ) => Promise<StepResult>;
    return call({ ...inputOf(step, board.nextRound(step.id), context), ...resumedAt(step, board), ...more });
  });
  if (idle || fails) board.found(step.id, { ...(idle && { idle }), ...(fails && { fails }) });
  if (freed) board.status.freed = (board.status.freed ?? 0) + freed;
  return note;
}

/**
 * Most notes of all steps together. Temporal takes 10,000 signals a run, and people need the rest for `rollback` and
 * `pause`.
 */
const allNotes = 4_000;
/** Most notes of one step. Their intervals grow, so 60 cover a day. */
const mostNotes = 60;

/** Returns the input of the step's activity. */
function inputOf(step: Step, round: number, { plan, board, options }: Context): StepInput {
  const { format, platform, engine, proxies, source } = plan;
  const { retried } = board.of(step.id)!;
  const { by, reason, kind } = options;
  const { firstExecutionRunId, runId } = workflowInfo();
  return {
    format,
    // Only the walk reads the needs, and they may be long.
    step: { ...withoutLeft(step, plan, board), needs: [] },
    round,
    ...(retried && { retried }),
    // A prune covers several platforms, one in each step.
    platform: step.kind === 'prune' ? step.removal.platform : platform,
    engine,
    proxies,
    by,
    reason,
    notes: Math.min(mostNotes, Math.floor(allNotes / (plan.steps.length + plan.undo.length))),
    ...(firstExecutionRunId !== runId && { firstRun: firstExecutionRunId }),
    ...(readsFiles(step, { plan, options }) && { source }),
    ...failsBefore(step, board),
    ...(isWatch(step) &&
      retried && {
        admitted: admittedOf(step, plan, board),
        chosen: chosenOf(plan, board),
      }),
    ...(step.kind === 'record' && kind !== 'retire' && { timings: timingsOf(plan, step.service, board) }),
  };
}

/** A swap that is made again, for a removed instance, lets no other one out: a third may have that one's place by now. */
function withoutLeft(step: Step, { steps, undo }: Plan, board: Board): Step {
  if (step.kind !== 'swap' || !step.leave) return step;
  const follows = ({ id, kind, needs }: Step) => kind === 'drain' && needs.includes(step.id) && wasBegun(board, id);
  const { leave, ...entering } = step;
  return [...steps, ...undo].some(follows) ? entering : step;
}

/** Returns how long the step took before the workflow's new run; nothing for other steps. */
function resumedAt(step: Step, board: Board): Pick<StepInput, 'left'> {
  const { cut, startedAt } = board.of(step.id)!;
  if (!cut) return {};
  return { left: board.leftBy(step.id) ?? { elapsed: Date.now() - Date.parse(startedAt!), memory: {} } };
}

/** Returns why the version before fails the step's test, if it does. */
function failsBefore(step: Step, board: Board): Pick<StepInput, 'failsBefore'> {
  const before = step.kind === 'validate' && step.before ? board.of(step.before) : undefined;
  const fails = before?.fails ?? (before?.state === 'skipped' ? 'a person skipped it then' : undefined);
  return fails ? { failsBefore: fails } : {};
}

/** Returns the names of the watched instances that have come into traffic, or were there before the release. */
function admittedOf({ instances }: StepOf<'validate'>, { steps }: Plan, board: Board): string[] {
  const comes = (step: Step) =>
    step.kind === 'launch' ? step.instance.name : step.kind === 'swap' ? step.enter?.name : undefined;
  const coming = new Set(steps.map(comes));
  const entered = steps.flatMap((step) =>
    step.kind === 'swap' && step.enter && board.of(step.id)?.state === 'done' ? [step.enter.name] : [],
  );
  return instances.map(({ name }) => name).filter((name) => entered.includes(name) || !coming.has(name));
}

/** Returns the names of the instances that chosen clients go to, by the latest steps that are done. */
function chosenOf({ steps }: Plan, board: Board): string[] {
  const shares = steps.flatMap((step) => {
    if (board.of(step.id)?.state !== 'done') return [];
    if (step.kind === 'weigh') return step.weights.map(({ instance, chosen }) => ({ name: instance.name, chosen }));
    return step.kind === 'swap' && step.enter ? [{ name: step.enter.name, chosen: step.chosen }] : [];
  });
  const latest = new Map(shares.map(({ name, chosen }) => [name, chosen]));
  return [...latest].flatMap(([name, chosen]) => (chosen ? [name] : []));
}

/** True if the step reads the project's files, or the host's copy of them. */
function readsFiles(step: Step, { plan, options }: Pick<Context, 'plan' | 'options'>): boolean {
  if (step.kind === 'configure' || step.kind === 'config') return true;
  if (step.kind === 'drill') return step.revision === undefined && !step.remove;
  if (step.kind === 'preflight') return step.external !== undefined;
  if (step.kind === 'validate' && step.external) return true;
  if (step.kind === 'validate')
    return [step.smoke, ...(step.compared ?? [])].some((test) => test?.prometheus ?? test?.asked);
  return step.kind === 'launch' && options.kind === 'rollback' && plan.source.folder !== '';
}

async function soak(step: StepOf<'soak'>, board: Board): Promise<undefined> {
  const until = Date.parse(board.of(step.id)!.startedAt!) + step.time;
  board.note(step.id, `until ${new Date(until).toISOString().slice(0, 19)}Z`);
  await sleep(until - Date.now(), { summary: summaryOf(step) });
}

/** Starts a workflow that retires the warm set later. The release itself ends and holds no service. */
async function keepWarm(
  step: StepOf<'warm'>,
  { plan: { platform }, options: { by, reason } }: Context,
): Promise<string> {
  const { host, service, revision, instances, time } = step;
  const request: RetireRequest = { platform, host, service, revision, instances, after: time, by, reason };
  // Hosts of one Temporal may have platforms of the same name.
  const onHost = patched('retired-by-host') ? `@${host}` : '';
  const workflowId = `retire/${platform}/${service}-r${revision}${onHost}`;
  await startChild('retire', { workflowId, args: [request], parentClosePolicy: 'ABANDON' });
  return workflowId;
}

/** Starts a workflow that measures on, and rolls back what turns out bad. The release itself ends. */
async function goOnMeasuring(
  step: StepOf<'later'>,
  { plan, board, options: { by, reason } }: Context,
): Promise<string> {
  const { host, service, runtime, revision, previous, whole, instances } = step;
  const { format, platform, engine, proxies, source } = plan;
  const tests = step.tests.filter(({ name }) => !failedBefore(name, board));
  if (tests.length === 0) return 'none: the platform had not passed them before the release either';
  const isAsked = tests.some(({ prometheus, asked }) => prometheus ?? asked);
  const input = { format, platform, engine, proxies, host, ...(runtime && { runtime }), by, reason };
  const holds = plan.onFailure[service] !== 'rollback' || pointOfNoReturn(board) !== undefined;
  const request: WatchRequest = {
    ...{ platform, service, revision, previous, instances, tests },
    ...(whole && { whole }),
    ...(holds && { holds }),
    input: { ...input, ...(isAsked && { source }) },
  };
  const workflowId = `watch/${placeOf(request)}`;
  await startChild('watch', { workflowId, args: [request], parentClosePolicy: 'ABANDON' });
  return workflowId;
}

/** True if the platform failed the test before the release had changed anything. */
const failedBefore = (test: string, board: Board): boolean =>
  board.of(`platform/test/before/${test}`)?.state === 'skipped';

const longestBar = '365 days';

async function waitForApproval(step: StepOf<'approve'>, board: Board, control: Control): Promise<string> {
  board.wait({
    kind: 'approval',
    step: step.id,
    text: step.question,
    command: 'belay approve',
    otherwise: 'belay reject',
    since: board.of(step.id)?.startedAt,
  });
  const isApproved = () => control.approved.has(step.id);
  // The timer draws the gate's question on the timeline; its end means nothing.
  if (showsGates()) while (!(await condition(isApproved, longestBar, { summary: step.question })));
  else await condition(isApproved);
  return `approved by ${control.approved.get(step.id)}`;
}

/** False for releases that reached their gate before timers showed gates. */
export const showsGates = (): boolean => patched('gates-shown');
