import type { Deps } from '../../src/host';
import type { JobRun } from '../../src/hosts/revision';
import { endStop } from '../../src/hosts/stops';
import type { JobRef, JobStep } from '../../src/model/plan';
import type { RuntimeInstance } from '../../src/runtimes/runtime';
import { keepLog } from './kept-log';
import { askToStop, stoppingText, untilEnded } from './stopping';
import type { Turn } from './turn';

export const hasSucceeded = ({ exitCode, stopped }: JobRun): boolean => exitCode === 0 && stopped === undefined;

/** The latest run of each job of the revision. */
export const runsOf = async ({ ledger }: Turn, { revision }: JobRef): Promise<JobRun[]> =>
  (await ledger.revision(revision))?.jobs ?? [];

/** The job's run by this workflow. */
export async function ownRun(turn: Turn, instance: JobRef): Promise<JobRun | undefined> {
  const { runId } = turn.token.owner;
  return (await runsOf(turn, instance)).find((one) => one.instance === instance.name && one.run === runId);
}

/** An undo stands under the name of its job. */
export const nameOf = ({ instance, reverts }: Pick<JobStep, 'instance' | 'reverts'>) => ({
  instance: instance.name,
  job: reverts?.job ?? instance.job,
  ...(reverts && { undo: true as const }),
});

interface Stop {
  instance: JobRef;
  found: RuntimeInstance;
  stop: JobStep['stop'];
}

/** Stops the run gracefully: signal, grace, and kill only then. */
export async function stopRun(deps: Deps, turn: Turn, { instance, found, stop }: Stop): Promise<{ exitCode?: number }> {
  const runtime = await turn.runtimeAt(instance.revision);
  const askedAt = await askToStop(deps, turn, { runtime, found, ...stop });
  const passed = () => Date.now() - askedAt;
  const { exitCode } = await untilEnded(turn, {
    instance,
    left: () => stop.grace - passed(),
    words: () => stoppingText(stop),
  });
  return { exitCode };
}

interface End extends Pick<JobRun, 'exitCode' | 'stopped'> {
  step: Pick<JobStep, 'instance' | 'reverts'>;
  found: RuntimeInstance;
}

/** Notes how the run ended, keeps its log, and removes it. */
export async function concludeRun(deps: Deps, turn: Turn, { step, found, exitCode, stopped }: End): Promise<JobRun> {
  const { instance } = step;
  const { runId } = turn.token.owner;
  const before = { run: runId, retried: 0, begunAt: found.startedAt, ...(await ownRun(turn, instance)) };
  const endedAt = new Date().toISOString();
  const result: JobRun = { ...before, ...nameOf(step), endedAt, exitCode, ...(stopped && { stopped }) };
  await keepLog(deps, await turn.runtimeAt(instance.revision), instance.name);
  await turn.effect('job.record', () => turn.ledger.recordJob(instance.revision, result));
  await removeRun(deps, turn, instance);
  return result;
}

/** Removes the run. Keeps its log, unless that is kept already. */
export async function removeRun(deps: Deps, turn: Turn, instance: JobRef): Promise<void> {
  const runtime = await turn.runtimeAt(instance.revision);
  if ((await turn.find(instance))?.state === 'exited') await keepLog(deps, runtime, instance.name);
  await turn.effect('job.remove', () => runtime.remove(instance.name));
  await endStop(deps, instance.name);
}
