import type { ReleaseHandle } from '../../src/client';
import { waitFor } from '../../testbed';
import { type CrashPoint, crashedAt } from './crash-point';
import type { Stage } from './stage';

/**
 * The worker has died by its own hand at the point, and another one goes on. Where the release ends before, that fails at
 * once: a case whose worker lives on has tested nothing.
 */
export async function workerDies(
  stage: Stage,
  { point, release }: { point: CrashPoint; release?: ReleaseHandle },
): Promise<void> {
  const { id, when, way } = point;
  const worker = stage.worker();
  await waitFor({
    what: `the worker's death, ${way}: ${when} ${point.kind} ${point.step ?? id}`,
    within: 30_000,
    until: async () => !worker.isAlive() || (release && (await isOver(stage, release))),
  });
  expect({ alive: worker.isAlive(), at: crashedAt(stage.crashes) }).toMatchObject({
    alive: false,
    at: { id, when, way },
  });
  await stage.startWorker();
}

const isOver = async ({ platform }: Stage, { workflowId }: ReleaseHandle): Promise<boolean> =>
  (await platform.client.workflow.getHandle(workflowId).describe()).status.name !== 'RUNNING';
