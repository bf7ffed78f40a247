import type { Deps, StepInput, StepResult } from '../../src/host';
import type { JobRun } from '../../src/hosts/revision';
import { isStopping } from '../../src/hosts/stops';
import type { JobStep } from '../../src/model/plan';
import { endText, jobFailed, stillRuns, vanished } from './job-errors';
import { concludeRun, hasSucceeded, nameOf, ownRun, removeRun, runsOf, stopRun } from './job-run';
import { besideEngine, watchEnd, withoutEngine } from './rhythm';
import { templateOf } from './template';
import { type Turn, takeTurn } from './turn';

/**
 * Runs the job to its end, once: a run that a lost worker began is taken up again. On a rollback it ends the former run
 * first, and takes back what that has done.
 */
export const job =
  (deps: Deps) =>
  (input: StepInput<JobStep>): Promise<StepResult> =>
    takeTurn(deps, input, async (turn) => {
      const { reverts, command, asks } = input.step;
      if (!reverts) {
        const result = await run(deps, input, turn);
        if (!asks) return { note: [endText(result), ...(await replaceFormer(input, turn))].join('; ') };
        return hasSucceeded(result)
          ? { note: 'nothing is pending', idle: true }
          : { note: `pending: ${endText(result)}` };
      }
      const note = await endRun(deps, input, turn);
      if (!command) return { note };
      // What failed or was stopped may have done a part: no undo fits that.
      const former = (await runsOf(turn, reverts)).find(({ instance }) => instance === reverts.name);
      if (!former || !hasSucceeded(former)) return { note: former ? `not taken back: ${endText(former)}` : note };
      return { note: endText(await run(deps, input, turn)) };
    });

/** Returns how the job ended: well, or as a run that only asks may end. Throws `job-failed`. */
async function run(deps: Deps, input: StepInput<JobStep>, turn: Turn): Promise<JobRun> {
  const { step, retried = 0 } = input;
  const { instance } = step;
  await untilOthersEnded(deps, input, turn);
  const before = await ownRun(turn, instance);
  const isAgain = before !== undefined && before.retried !== retried && !isGood(step, before);
  if (before?.endedAt) await removeRun(deps, turn, instance);
  if (before?.endedAt && !isAgain) return await good(deps, step, before);
  const isOpen = before !== undefined && before.endedAt === undefined;
  const found = await turn.find(instance);
  if (!found && isOpen && !isAgain) throw vanished(instance);
  // Another release has left it.
  if (found?.state === 'exited' && !isOpen) await removeRun(deps, turn, instance);
  const goesOn = found?.state === 'running' || (found?.state === 'exited' && isOpen);
  if (!goesOn) await begin(input, turn);
  return await good(deps, step, await untilOver(deps, step, turn));
}

/**
 * Removes what Compose had run of a one-shot in another version. Compose would replace it at its next start, and with
 * it every service that depends on it.
 */
async function replaceFormer({ step, platform }: StepInput<JobStep>, turn: Turn): Promise<string[]> {
  if (step.command) return [];
  const { service, instance } = step;
  const runtime = await turn.runtimeAt(instance.revision);
  const { project } = (await turn.ledger.revision(instance.revision))!.desired;
  const all = await runtime.observe({ platform, service, project });
  const former = all.filter(({ origin, state }) => origin !== undefined && state !== 'running');
  for (const { name } of former) await turn.effect('job.remove', () => runtime.remove(name));
  return former.map(({ name }) => `replaces ${name}`);
}

const isGood = ({ asks }: JobStep, run: JobRun): boolean =>
  run.endedAt !== undefined && (hasSucceeded(run) || (asks === true && run.stopped === undefined));

async function good(deps: Deps, step: JobStep, run: JobRun): Promise<JobRun> {
  if (isGood(step, run)) return run;
  throw await jobFailed(deps, step, run);
}

/** The note comes before the start: what has no end in it may have done its work. */
async function begin({ step, retried = 0 }: StepInput<JobStep>, turn: Turn): Promise<void> {
  const { instance, fingerprint, command } = step;
  const { name, revision } = instance;
  const { platform, service, owner } = turn.token;
  const runtime = await turn.runtimeAt(revision);
  const template = templateOf(turn.token, revision, await turn.ledger.revision(revision));
  const identity = { platform, service, revision, instance: 1, fingerprint, release: owner.workflowId };
  const request = { identity, ports: {}, job: { name: instance.job, ...(command && { command }) } };
  await turn.effect('job.create', () => runtime.create({ name, template, instance: request }));
  const begunAt = new Date().toISOString();
  const note = { ...nameOf(step), run: owner.runId, retried, begunAt };
  await turn.effect('job.begin', () => turn.ledger.recordJob(revision, note));
  await turn.effect('job.start', () => runtime.start(name, turn.signal));
}

/** Returns how the run ended; stops it once its time is over. An engine may have started it several times. */
async function untilOver(deps: Deps, step: JobStep, turn: Turn): Promise<JobRun> {
  const { instance, timeout, stop } = step;
  const runtime = await turn.runtimeAt(instance.revision);
  const begunAt = Date.parse((await ownRun(turn, instance))?.begunAt ?? new Date().toISOString());
  const end = watchEnd({ runtime }, instance.name, turn.signal);
  let left = timeout;
  const pause = () => end.pause(Math.max(1, Math.min(end.told() ? withoutEngine : besideEngine, left)));
  try {
    return await turn.until(pause, async () => {
      const seen = await turn.find(instance);
      if (!seen) throw vanished(instance);
      const passed = Date.now() - begunAt;
      left = timeout - passed;
      // A lost worker may have asked it to stop.
      const isAsked = await isStopping(deps, instance.name);
      const stopped = isAsked || left <= 0 ? ('timeout' as const) : undefined;
      if (seen.state === 'exited')
        return await concludeRun(deps, turn, {
          step,
          found: seen,
          exitCode: seen.exitCode,
          stopped: isAsked ? stopped : undefined,
        });
      if (stopped) {
        const { exitCode } = await stopRun(deps, turn, { instance, found: seen, stop });
        return await concludeRun(deps, turn, { step, found: seen, exitCode, stopped });
      }
      const [line] = (await runtime.logTail(instance.name, 1)).trim().split('\n').slice(-1);
      turn.say(`for ${(passed / 1000).toFixed(0)} s${line ? `: ${line}` : ''}`);
      return undefined;
    });
  } finally {
    end.stop();
  }
}

/** Ensures that the run to take back has ended and is gone. */
async function endRun(deps: Deps, { step }: StepInput<JobStep>, turn: Turn): Promise<string> {
  const instance = step.reverts!;
  const found = await turn.find(instance);
  if (!found)
    return (await runsOf(turn, instance)).some((one) => one.instance === instance.name)
      ? 'it had ended'
      : 'it had not begun';
  if (found.state === 'created') {
    await removeRun(deps, turn, instance);
    return 'it had not begun';
  }
  const former = { ...step, instance, reverts: undefined };
  const isRunning = found.state === 'running';
  const { exitCode } = isRunning ? await stopRun(deps, turn, { instance, found, stop: step.stop }) : found;
  const stopped = isRunning || (await isStopping(deps, instance.name)) ? ('rollback' as const) : undefined;
  const result = await concludeRun(deps, turn, { step: former, found, exitCode, stopped });
  return isRunning ? `stopped: ${endText(result)}` : endText(result);
}

/**
 * Waits for runs of other revisions, which a terminated release may have left: two migrations at once harm each other.
 * Keeps the log of those that have ended, and removes them.
 */
async function untilOthersEnded(deps: Deps, { step, platform }: StepInput<JobStep>, turn: Turn): Promise<void> {
  const { service, instance, timeout } = step;
  const own = [instance.name, step.reverts?.name];
  await turn.until(besideEngine, async () => {
    const all = await turn.runtime.observe({ platform, service, jobs: true });
    const others = all.filter(({ name }) => !own.includes(name));
    for (const { name, revision, job: jobName = '' } of others.filter(({ state }) => state !== 'running'))
      await removeRun(deps, turn, { name, revision, job: jobName, ports: {}, slots: [] });
    const [running] = others.filter(({ state }) => state === 'running');
    if (!running) return true;
    if (turn.elapsed() > timeout) throw stillRuns(turn, step, running.name);
    turn.say(`waits for ${running.name} to end, which an earlier release began`);
    return undefined;
  });
}
