import { continueAsNew, getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { Carried, PackedPlan } from '../src/model/packed';
import type { Plan } from '../src/model/plan';
import type { DropRequest, PruneRequest, ReleaseRequest, RetireRequest, RollbackRequest } from '../src/model/requests';
import type { ReleaseResult } from '../src/model/status';
import { asked, type Given, only } from './asked';
import type { Carriage } from './carriage';
import { signals } from './messages';
import { planAt } from './planner';
import { type Run, run } from './run';
import { type Waiter, whenFree } from './when-free';

/** Releases a platform: `{"platform": "shop", "versions": {"api": "2.5.0"}}`. */
export async function release(...given: Given<ReleaseRequest>): Promise<Carried<ReleaseResult>> {
  const { input, ...course } = opened(given);
  const { by, whenRunning } = asked(input);
  const makePlan = planned(input, ({ plan }) => plan(input));
  return await run({
    kind: 'release',
    ...course,
    ...header(input),
    waits: isPatient(whenRunning),
    makePlan: (board, control) => inTurn({ whenRunning, by }, { board, control }, () => makePlan(board, control)),
  });
}

/**
 * Takes a platform back to the revision before: `{"platform": "shop"}`; or to whichever of the ledger:
 * `{"platform": "shop", "to": {"api": 4}}`. What the host has kept is not pulled.
 */
export async function rollback(...given: Given<RollbackRequest>): Promise<Carried<ReleaseResult>> {
  const { input, ...course } = opened(given);
  return await run({
    kind: 'rollback',
    ...course,
    ...header(input),
    makePlan: planned(input, ({ planRollback }) => planRollback(input)),
  });
}

/** Ends a set that a release has kept warm, when its time is over and unless another release has come. */
export async function retire(...given: Given<RetireRequest>): Promise<Carried<ReleaseResult>> {
  const { input, ...course } = opened(given);
  const makePlan = planned(input, ({ planRetire }) => planRetire(input));
  return await run({
    kind: 'retire',
    ...course,
    ...header(input),
    dryRun: false,
    after: asked(input).after,
    waits: true,
    makePlan: (board, control) => whenFree({ makePlan: () => makePlan(board, control), board, control }),
  });
}

/** The one input, and in a later run of the same workflow what the run before has handed over. */
function opened<T>(given: Given<T>): { input: T } & Pick<Run, 'before' | 'renew'> {
  const [input, plan, carriage] = given as [T, Plan | PackedPlan, Carriage | undefined];
  const isLater = workflowInfo().continuedFromExecutionRunId !== undefined && carriage !== undefined;
  return {
    input: isLater ? input : only(given),
    before: isLater ? { plan, carriage } : undefined,
    renew: (...next) => continueAsNew<Continued<T>>(input, ...next),
  };
}

type Continued<T> = (input: T, plan: Plan | PackedPlan, carriage: Carriage) => Promise<void>;

type MakePlan = () => Promise<Plan | PackedPlan>;

/** The plan that the host makes which the input names. */
function planned(input: unknown, make: (activities: Activities) => ReturnType<MakePlan>): Run['makePlan'] {
  const { host, dryRun } = asked(input);
  return (board, control) => planAt({ host, dryRun, board, control }, make);
}

const isPatient = (whenRunning: string): boolean => ['queue', 'replace'].includes(whenRunning);

/** As the input says: refused at once where another release runs, or after that one's end, which is asked to come soon. */
async function inTurn(
  { whenRunning, by }: { whenRunning: string; by: string },
  rest: Omit<Waiter<never>, 'makePlan'>,
  makePlan: MakePlan,
): ReturnType<MakePlan> {
  if (!isPatient(whenRunning)) return await makePlan();
  const told = new Set<string>();
  return await whenFree({ makePlan, ...rest }, async (workflowId) => {
    if (whenRunning !== 'replace' || told.has(workflowId)) return;
    told.add(workflowId);
    const said = { by, reason: `replaced by ${workflowInfo().workflowId}` };
    // One that has just ended cannot be told any more, and need not.
    await getExternalWorkflowHandle(workflowId)
      .signal(signals.rollback, said)
      .catch(() => undefined);
  });
}

/** Takes a platform off its host, with all that is kept of it there: `{"platform": "shop"}`. */
export async function drop(...given: Given<DropRequest>): Promise<Carried<ReleaseResult>> {
  const { input, ...course } = opened(given);
  return await run({
    kind: 'drop',
    ...course,
    ...header(input),
    makePlan: planned(input, ({ planDrop }) => planDrop(input)),
  });
}

/** Removes what no revision keeps, of all platforms of the host: `{}`; or of one: `{"platform": "shop"}`. */
export async function prune(...given: Given<PruneRequest>): Promise<Carried<ReleaseResult>> {
  const { input, ...course } = opened(given);
  return await run({
    kind: 'prune',
    ...course,
    ...header(input),
    ...(asked(input).platform === '' && { platform: '*' }),
    makePlan: planned(input, ({ planPrune }) => planPrune(input)),
  });
}

/** An environment goes by what it is most likely called, until the plan says it. */
function header(input: unknown) {
  const { platform, env, by, reason, dryRun } = asked(input);
  return { platform: [platform, ...(env ? [env] : [])].join('-'), by, reason, dryRun };
}
