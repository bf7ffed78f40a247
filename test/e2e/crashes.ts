import type { ReleaseHandle } from '../../src/client';
import { waitFor } from '../../testbed';
import { type CrashPoint, crashesIn, isAt, titleOf } from './crash-point';
import type { Stage } from './stage';

/** A worker dies by its own hand at the point, and another one goes on. */
export const workerDies = (
  stage: Stage,
  { point, release }: { point: CrashPoint; release?: ReleaseHandle },
): Promise<void> => workersDie(stage, { points: [point], release });

/**
 * Kills a worker at each of the points, in whatever order, and lets another one continue each time. Fails at once if
 * the release ends before: a worker that lives on tests nothing.
 */
export async function workersDie(
  stage: Stage,
  { points, release }: { points: CrashPoint[]; release?: ReleaseHandle },
): Promise<void> {
  for (const _ of points) {
    await workerIsDead(stage, { points, release });
    await anotherGoesOn(stage, release);
  }
  expect(leftOf(stage, points)).toEqual([]);
}

/** The worker has died at one of the points. */
export async function workerIsDead(
  stage: Stage,
  { points, release }: { points: CrashPoint[]; release?: ReleaseHandle },
): Promise<void> {
  const worker = stage.worker();
  await waitFor({
    what: `a worker's death: ${titleOf(points)}`,
    within: 100_000,
    every: 150,
    until: async () => !worker.isAlive() || (release && (await isOver(stage, release))),
  });
  expect({ alive: worker.isAlive(), left: leftOf(stage, points) }).toMatchObject({ alive: false });
}

/**
 * Starts a worker that goes on at once. Temporal gives a release's next task to its former worker first, and to others
 * only after a second.
 */
export async function anotherGoesOn(stage: Stage, release?: ReleaseHandle): Promise<void> {
  await stage.startWorker();
  if (!release) return;
  const { workflowService, options } = stage.platform.client;
  const execution = { workflowId: release.workflowId };
  await workflowService.resetStickyTaskQueue({ namespace: options.namespace, execution });
}

const leftOf = ({ crashes }: Stage, points: CrashPoint[]): CrashPoint[] =>
  points.filter((point) => !crashesIn(crashes).some((crash) => isAt(crash, point)));

const isOver = async ({ platform }: Stage, { workflowId }: ReleaseHandle): Promise<boolean> =>
  (await platform.client.workflow.getHandle(workflowId).describe()).status.name !== 'RUNNING';
