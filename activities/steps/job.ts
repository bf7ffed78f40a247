import { BelayError } from '../../src/errors';
import type { Deps, StepInput, StepResult } from '../../src/host';
import type { JobRun } from '../../src/hosts/revision';
import { endStop } from '../../src/hosts/stops';
import type { JobRef, JobStep } from '../../src/model/plan';
import type { RuntimeInstance } from '../../src/runtimes/runtime';
import { keepLog, keptTail, whereLogIs } from './kept-log';
import { watchEnd } from './rhythm';
import { askToStop, untilEnded } from './stopping';
import { templateOf } from './template';
import { type Turn, takeTurn } from './turn';

/**
 * Runs the job to its end, once: a run that a lost worker began is taken up again. On a rollback it ends the former run
 * first, and takes back what that has begun.
 */
export const job =
  (deps: Deps) =>
  (input: StepInput<JobStep>): Promise<StepResult> =>
    takeTurn(deps, input, async (turn) => {
      const { reverts, command } = input.step;
      if (!reverts) return await run(deps, input, turn);
      const note = await endRun(deps, input, turn);
      if (!command) return { note };
      const former = (await runsOf(turn, reverts)).find(({ instance }) => instance === reverts.name);
      return former ? await run(deps, input, turn) : { note: 'it had not begun' };
    });

async function run(deps: Deps, input: StepInput<JobStep>, turn: Turn): Promise<StepResult> {
  const { instance, unless, asks } = input.step;
  await untilOthersEnded(input, turn);
  const told = unless && (await ownRun(turn, unless));
  if (told && hasSucceeded(told)) return { note: 'nothing is pending' };
  const before = await ownRun(turn, instance);
  if (before && hasSucceeded(before)) return await over(deps, turn, instance, before);
  if (before?.endedAt && asks && !before.stopped) return await over(deps, turn, instance, before);
  if (before?.endedAt && before.round === input.round) {
    await removeRun(deps, turn, instance);
    throw await failed(deps, input.step, before);
  }
  // A person has the failed job tried again.
  if (before?.endedAt) await removeRun(deps, turn, instance);
  const found = await turn.find(instance);
  if (!found && before && !before.endedAt && before.round === input.round) throw vanished(instance);
  if (!found || found.state === 'created') await begin(input, turn);
  const ended = await untilOver(deps, input.step, turn);
  const result = await concludeRun(deps, turn, { instance, ...ended });
  if (hasSucceeded(result)) return { note: asks ? 'nothing is pending' : endText(result) };
  if (asks && !result.stopped) return { note: `pending: ${endText(result)}` };
  throw await failed(deps, input.step, result);
}

const hasSucceeded = ({ exitCode, stopped }: JobRun): boolean => exitCode === 0 && stopped === undefined;

/** An earlier attempt has noted the end, and may not have come further. */
async function over(deps: Deps, turn: Turn, instance: JobRef, before: JobRun): Promise<StepResult> {
  await removeRun(deps, turn, instance);
  return { note: endText(before) };
}

async function runsOf({ ledger }: Turn, { revision }: JobRef): Promise<JobRun[]> {
  return (await ledger.revision(revision))?.jobs ?? [];
}

/** The job's run by this workflow. */
async function ownRun(turn: Turn, instance: JobRef): Promise<JobRun | undefined> {
  const { runId } = turn.token.owner;
  return (await runsOf(turn, instance)).find((one) => one.instance === instance.name && one.run === runId);
}

/** An undo stands under the name of its job. */
const nameOf = ({ instance, reverts }: JobStep): Pick<JobRun, 'instance' | 'job' | 'undo'> => ({
  instance: instance.name,
  job: reverts?.job ?? instance.job,
  ...(reverts && { undo: true as const }),
});

/** The note comes before the start: from then on the job has to be taken back. */
async function begin({ step, round }: StepInput<JobStep>, turn: Turn): Promise<void> {
  const { instance, fingerprint, command } = step;
  const { name, revision } = instance;
  const { platform, service, owner } = turn.token;
  const runtime = await turn.runtimeAt(revision);
  const template = templateOf(turn.token, revision, await turn.ledger.revision(revision));
  const identity = { platform, service, revision, instance: 1, fingerprint, release: owner.workflowId };
  const request = { identity, ports: {}, job: { name: instance.job, ...(command && { command }) } };
  await turn.effect('job.create', () => runtime.create({ name, template, instance: request }));
  const begunAt = new Date().toISOString();
  const note = { ...nameOf(step), run: owner.runId, round, begunAt };
  await turn.effect('job.begin', () => turn.ledger.recordJob(revision, note));
  await turn.effect('job.start', () => runtime.start(name, turn.signal));
}

/** Longest milliseconds between looks: while the engine reports the end by itself, and without that. */
const besideEngine = 1_000;
const withoutEngine = 100;

interface Ended {
  exitCode?: number;
  startedAt: string;
  stopped?: JobRun['stopped'];
}

/** Returns how the run ended; stops it once its time is over. */
async function untilOver(deps: Deps, { instance, timeout, stop }: JobStep, turn: Turn): Promise<Ended> {
  const runtime = await turn.runtimeAt(instance.revision);
  const end = watchEnd({ runtime }, instance.name, turn.signal);
  let left = timeout;
  const pause = () => end.pause(Math.max(1, Math.min(end.told() ? withoutEngine : besideEngine, left)));
  try {
    return await turn.until(pause, async () => {
      const seen = await turn.find(instance);
      if (!seen) throw vanished(instance);
      const { startedAt, exitCode } = seen;
      if (seen.state === 'exited') return { startedAt, exitCode };
      const passed = Date.now() - Date.parse(startedAt);
      left = timeout - passed;
      if (left <= 0)
        return { startedAt, ...(await stopRun(deps, turn, { instance, found: seen, stop })), stopped: 'timeout' };
      const [line] = (await runtime.logTail(instance.name, 1)).trim().split('\n').slice(-1);
      turn.say(`for ${(passed / 1000).toFixed(0)} s${line ? `: ${line}` : ''}`);
      return undefined;
    });
  } finally {
    end.stop();
  }
}

interface Stop {
  instance: JobRef;
  found: RuntimeInstance;
  stop: JobStep['stop'];
}

async function stopRun(deps: Deps, turn: Turn, { instance, found, stop }: Stop): Promise<{ exitCode?: number }> {
  const runtime = await turn.runtimeAt(instance.revision);
  const askedAt = await askToStop(deps, turn, { runtime, found, ...stop });
  const passed = () => Date.now() - askedAt;
  const { exitCode } = await untilEnded(turn, {
    instance,
    left: () => stop.grace - passed(),
    words: () => `stopping for ${(passed() / 1000).toFixed(0)} s`,
  });
  return { exitCode };
}

/** Notes how the run ended, keeps its log, and removes it. */
async function concludeRun(
  deps: Deps,
  turn: Turn,
  { instance, startedAt, exitCode, stopped }: Ended & { instance: JobRef },
): Promise<JobRun> {
  const { name, revision, job: jobName } = instance;
  await keepLog(deps, await turn.runtimeAt(revision), name);
  const before = await ownRun(turn, instance);
  const endedAt = new Date().toISOString();
  const run = { instance: name, job: jobName, run: turn.token.owner.runId, round: 1, begunAt: startedAt, ...before };
  const result: JobRun = { ...run, endedAt, exitCode, ...(stopped && { stopped }) };
  await turn.effect('job.record', () => turn.ledger.recordJob(revision, result));
  await removeRun(deps, turn, instance);
  return result;
}

async function removeRun(deps: Deps, turn: Turn, instance: JobRef): Promise<void> {
  const runtime = await turn.runtimeAt(instance.revision);
  await turn.effect('job.remove', () => runtime.remove(instance.name));
  await endStop(deps, instance.name);
}

/** Ensures that the run to take back has ended and is gone. */
async function endRun(deps: Deps, { step }: StepInput<JobStep>, turn: Turn): Promise<string> {
  const instance = step.reverts!;
  const found = await turn.find(instance);
  if (!found) return 'it had ended';
  if (found.state === 'created') {
    await removeRun(deps, turn, instance);
    return 'it had not begun';
  }
  const isRunning = found.state === 'running';
  const { exitCode } = isRunning ? await stopRun(deps, turn, { instance, found, stop: step.stop }) : found;
  const stopped = isRunning && { stopped: 'rollback' as const };
  const result = await concludeRun(deps, turn, { instance, startedAt: found.startedAt, exitCode, ...stopped });
  return `stopped: ${endText(result)}`;
}

/**
 * Waits for runs of other revisions, which a terminated release may have left: two migrations at once harm each other.
 * Removes those that have ended.
 */
async function untilOthersEnded({ step, platform }: StepInput<JobStep>, turn: Turn): Promise<void> {
  const { service, instance, timeout } = step;
  await turn.until(besideEngine, async () => {
    const all = await turn.runtime.observe({ platform, service, jobs: true });
    const others = all.filter(({ name }) => name !== instance.name && name !== step.reverts?.name);
    for (const one of others.filter(({ state }) => state !== 'running'))
      await turn.effect('job.remove', () => turn.runtime.remove(one.name));
    const [running] = others.filter(({ state }) => state === 'running');
    if (!running) return true;
    if (turn.elapsed() > timeout) throw stillRuns(turn, step, running.name);
    turn.say(`waits for ${running.name} to end, which an earlier release began`);
    return undefined;
  });
}

const endText = ({ exitCode, begunAt, endedAt }: JobRun): string =>
  `exit ${exitCode ?? 'unknown'} after ${((Date.parse(endedAt!) - Date.parse(begunAt)) / 1000).toFixed(1)} s`;

async function failed(deps: Deps, { instance, timeout, service }: JobStep, run: JobRun): Promise<BelayError> {
  const how =
    run.stopped === 'timeout'
      ? `did not end within ${timeout / 1000} s, and was stopped (exit ${run.exitCode ?? 'unknown'})`
      : `failed: ${endText(run)}`;
  const tail = await keptTail(deps, instance.name);
  return new BelayError(
    'job-failed',
    `job ${instance.job}${instance.job === service ? '' : ` of ${service}`} ${how}${tail}`,
    {
      hint: `${whereLogIs(instance.name)}${run.stopped ? '; give it more time (timeout), or find what it waits for' : ''}`,
    },
  );
}

const vanished = ({ name, job: jobName }: JobRef): BelayError =>
  new BelayError(
    'job-failed',
    `${name} was removed before its end was noted: job ${jobName} may have done its work or not`,
    {
      hint: 'look at what it changes, then retry the step or release again: both run it anew',
    },
  );

const stillRuns = ({ runtime }: Turn, { instance }: JobStep, other: string): BelayError =>
  new BelayError('job-failed', `job ${instance.job} cannot begin: ${other} of an earlier release still runs`, {
    hint: `wait for it, or end it; see what it does: ${runtime.logCommand(other)}`,
  });
