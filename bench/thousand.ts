import { fork } from 'node:child_process';
import { packPlan } from '../src/model/packed';
import type { Plan } from '../src/model/plan';
import { planLarge } from '../test/workflows/plans';
import { createScript, fails, type Script } from '../test/workflows/script';
import { createStage, type Stage } from '../test/workflows/stage';
import { fromSetup } from '../testbed/root';
import type { Looks } from './looks-process';

/**
 * `npm run bench:thousand` releases a thousand instances in memory on a real Temporal, and rolls back. It fails if a
 * look takes over a second, or the process with its workers over 512 MiB.
 */
const most = { look: 1_000, memory: 512 };
const services = Array.from({ length: 10 }, (_, index) => `service-${index}`);

async function main(): Promise<void> {
  const plan = planLarge(1_000, services);
  const bytes = JSON.stringify(packPlan(plan)).length;
  console.log(
    `${plan.steps.length} steps there and ${plan.undo.length} back, packed in ${(bytes / 2 ** 20).toFixed(2)} MiB`,
  );
  const stage = await createStage({ maxCachedWorkflows: 2 });
  try {
    await measured(stage, 'there', createScript(plan));
    await measured(stage, 'there and back', failingLast(plan));
  } finally {
    await stage.close();
  }
}

/** Fails the last probe, so that all others are undone. */
const failingLast = (plan: Plan): Script =>
  createScript(plan).on(plan.steps.findLast(({ kind }) => kind === 'probe')!.id, fails('not-ready'));

async function measured(stage: Stage, name: string, script: Script): Promise<void> {
  const began = Date.now();
  const play = await stage.play(script);
  const watching = watchRelease(stage.address, play.handle.workflowId);
  let memory = 0;
  const measuring = setInterval(() => {
    memory = Math.max(memory, process.memoryUsage.rss() / 2 ** 20);
  }, 100);
  let looks!: Looks;
  const { outcome } = await play.end().finally(async () => {
    clearInterval(measuring);
    looks = await watching.stop();
  });
  const { count, slowest } = looks;
  const { raw, runId } = await stage.client.workflow.getHandle(play.handle.workflowId).describe();
  const runs = runId === raw.workflowExecutionInfo?.firstRunId ? 'one run' : 'several runs';
  const time = ((Date.now() - began) / 1000).toFixed(0);
  console.log(
    `${name}: ${outcome} after ${time} s in ${runs}; the slowest of ${count} looks ${slowest} ms; ${memory.toFixed(0)} MiB`,
  );
  if (slowest > most.look || memory > most.memory) process.exitCode = 1;
}

/** Asks for the status as another process does, until it is stopped. */
function watchRelease(address: string, workflowId: string): { stop(): Promise<Looks> } {
  const child = fork(fromSetup('dist', 'bench', 'looks-process.js'), [address, workflowId]);
  const looks = new Promise<Looks>((resolve, reject) => {
    child.once('message', (found) => resolve(found as Looks));
    child.once('exit', (code) => reject(new Error(`looks-process ended with ${code}`)));
  });
  looks.catch(() => undefined);
  return {
    stop: () => {
      // One that has failed says so by its own end.
      if (child.connected) child.send('stop');
      return looks;
    },
  };
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
