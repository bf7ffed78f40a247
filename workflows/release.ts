import { continueAsNew, getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { Carried, PackedPlan } from '../src/model/packed';
import type { Plan } from '../src/model/plan';
import type {
  BackupRequest,
  DrillRequest,
  DropRequest,
  PruneRequest,
  ReleaseRequest,
  RestoreRequest,
  RetireRequest,
  RollbackRequest,
} from '../src/model/requests';
import type { ReleaseResult } from '../src/model/status';
import type { Carriage } from './carriage';
import { type Inputs, onlyInput, readInput } from './input';
import { signals } from './messages';
import { planAt } from './planner';
import { type Run, run } from './run';
import { type Waiter, whenFree } from './when-free';

/** Releases a platform: `{"platform": "shop", "versions": {"api": "2.5.0"}}`. */
export async function release(...given: Inputs<ReleaseRequest>): Promise<Carried<ReleaseResult>> {
  const { input, ...continuation } = openRun(given);
  const { by, whenRunning } = readInput(input);
  const makePlan = plannedBy(input, ({ plan }) => plan(input));
  return await run({
    kind: 'release',
    ...continuation,
    ...header(input),
    waits: isPatient(whenRunning),
    makePlan: (board, control) => planInTurn({ whenRunning, by }, { board, control }, () => makePlan(board, control)),
  });
}

/**
 * Rolls a platform back to its previous revision: `{"platform": "shop"}`, or to any recorded one: `{"platform": "shop",
 * "to": {"api": 4}}`. Images that the host has kept are not pulled.
 */
export async function rollback(...given: Inputs<RollbackRequest>): Promise<Carried<ReleaseResult>> {
  const { input, ...continuation } = openRun(given);
  return await run({
    kind: 'rollback',
    ...continuation,
    ...header(input),
    makePlan: plannedBy(input, ({ planRollback }) => planRollback(input)),
  });
}

/** Retires a warm set when its time is over, unless another release has come. */
export async function retire(...given: Inputs<RetireRequest>): Promise<Carried<ReleaseResult>> {
  const { input, ...continuation } = openRun(given);
  const makePlan = plannedBy(input, ({ planRetire }) => planRetire(input));
  return await run({
    kind: 'retire',
    ...continuation,
    ...header(input),
    dryRun: false,
    after: readInput(input).after,
    waits: true,
    makePlan: (board, control) => whenFree({ makePlan: () => makePlan(board, control), board, control }),
  });
}

/** Returns the only input, and in a later run the state that the previous run handed over. */
function openRun<T>(given: Inputs<T>): { input: T } & Pick<Run, 'before' | 'renew'> {
  const [input, plan, carriage] = given as [T, Plan | PackedPlan, Carriage | undefined];
  const isLater = workflowInfo().continuedFromExecutionRunId !== undefined && carriage !== undefined;
  return {
    input: isLater ? input : onlyInput(given),
    before: isLater ? { plan, carriage } : undefined,
    renew: (...next) => continueAsNew<Continued<T>>(input, ...next),
  };
}

type Continued<T> = (input: T, plan: Plan | PackedPlan, carriage: Carriage) => Promise<void>;

type MakePlan = () => Promise<Plan | PackedPlan>;

/** Returns a function that has the input's host make the plan. */
function plannedBy(input: unknown, make: (activities: Activities) => ReturnType<MakePlan>): Run['makePlan'] {
  const { host, dryRun } = readInput(input);
  return (board, control) => planAt({ host, dryRun, board, control }, make);
}

const isPatient = (whenRunning: string): boolean => ['queue', 'replace'].includes(whenRunning);

/**
 * Makes the plan at once, or after the end of the other release, as `when_running` says. `replace` asks that release to
 * roll back.
 */
async function planInTurn(
  { whenRunning, by }: { whenRunning: string; by: string },
  rest: Omit<Waiter<never>, 'makePlan'>,
  makePlan: MakePlan,
): ReturnType<MakePlan> {
  if (!isPatient(whenRunning)) return await makePlan();
  const signalled = new Set<string>();
  return await whenFree({ makePlan, ...rest }, async (workflowId) => {
    if (whenRunning !== 'replace' || signalled.has(workflowId)) return;
    signalled.add(workflowId);
    const said = { by, reason: `replaced by ${workflowInfo().workflowId}` };
    // A release that has just ended accepts no signal, and needs none.
    await getExternalWorkflowHandle(workflowId)
      .signal(signals.rollback, said)
      .catch(() => undefined);
  });
}

/** Removes a platform from its host, with everything that the host keeps of it: `{"platform": "shop"}`. */
export async function drop(...given: Inputs<DropRequest>): Promise<Carried<ReleaseResult>> {
  const { input, ...continuation } = openRun(given);
  return await run({
    kind: 'drop',
    ...continuation,
    ...header(input),
    makePlan: plannedBy(input, ({ planDrop }) => planDrop(input)),
  });
}

/**
 * Replaces data by a backup of it: `{"platform": "shop", "service": "db", "confirm": "shop"}`. `"undo": true` puts back
 * what the last restore has replaced.
 */
export async function restore(...given: Inputs<RestoreRequest>): Promise<Carried<ReleaseResult>> {
  const { input, ...continuation } = openRun(given);
  return await run({
    kind: 'restore',
    ...continuation,
    ...header(input),
    makePlan: plannedBy(input, ({ planRestore }) => planRestore(input)),
  });
}

/**
 * Removes files and images that no revision needs, for all platforms of the host: `{}`, or for one: `{"platform":
 * "shop"}`.
 */
export async function prune(...given: Inputs<PruneRequest>): Promise<Carried<ReleaseResult>> {
  const { input, ...continuation } = openRun(given);
  return await run({
    kind: 'prune',
    ...continuation,
    ...header(input),
    ...(readInput(input).platform === '' && { platform: '*' }),
    makePlan: plannedBy(input, ({ planPrune }) => planPrune(input)),
  });
}

/** Makes the backups of a platform: `{"platform": "shop"}`, or of some services. Waits while a release has them. */
export async function backup(...given: Inputs<BackupRequest>): Promise<Carried<ReleaseResult>> {
  const { input, ...continuation } = openRun(given);
  return await copy(input, { kind: 'backup', ...continuation }, ({ planBackup }) => planBackup(input));
}

/**
 * Tests shutdowns on instances of their own: `{"platform": "shop", "services": ["api"]}`. With `"restore": true` it
 * restores the newest backups into scratch instances, and asks these.
 */
export async function drill(...given: Inputs<DrillRequest>): Promise<Carried<ReleaseResult>> {
  const { input, ...continuation } = openRun(given);
  return await copy(input, { kind: 'drill', ...continuation }, ({ planDrill }) => planDrill(input));
}

async function copy(
  input: BackupRequest | DrillRequest,
  rest: Pick<Run, 'kind' | 'before' | 'renew'>,
  make: (activities: Activities) => ReturnType<MakePlan>,
): Promise<Carried<ReleaseResult>> {
  const makePlan = plannedBy(input, make);
  return await run({
    ...rest,
    ...header(input),
    waits: true,
    makePlan: (board, control) => whenFree({ makePlan: () => makePlan(board, control), board, control }),
  });
}

/** Guesses the environment's name until the plan tells it. */
function header(input: unknown) {
  const { platform, env, by, reason, dryRun } = readInput(input);
  return { platform: [platform, ...(env ? [env] : [])].join('-'), by, reason, dryRun };
}
