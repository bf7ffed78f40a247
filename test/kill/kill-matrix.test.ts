import { oneOfTwo } from '../e2e/chosen';
import { dealt } from '../e2e/crash-cases';
import { type CrashPoint, titleOf, type Way } from '../e2e/crash-point';
import { type Scene, scenes } from './scenes';
import { expectSettled } from './settled';
import { openTheatre, soon, type Theatre } from './stage';

let theatre: Theatre;
beforeAll(async () => {
  theatre = await openTheatre();
}, 180_000);
afterAll(() => theatre?.close());

function journeysOf(scene: Scene): CrashPoint[][] {
  const points = (['before', 'after'] as const).flatMap((when) =>
    (['forward', 'undo'] as const).flatMap((way: Way) =>
      (scene[way] ?? []).map((id): CrashPoint => ({ kind: 'effect', id, when, way })),
    ),
  );
  return dealt(points);
}

const cases = oneOfTwo(
  scenes.flatMap((scene) => journeysOf(scene).map((points) => [scene.title, titleOf(points), scene, points] as const)),
);

test.concurrent.each(cases)('%s: a worker dies %s', async (_scene, _title, scene, points) => {
  const stage = await theatre.stage({ runtime: scene.runtime?.() });
  try {
    await scene.prepare(stage);
    stage.watch(scene.serving);
    stage.arm(points);
    const release = await scene.begin(stage);
    const { outcome, cause } = await soon(release.result());
    expect({ outcome, left: stage.left(), cause: outcome === scene.outcome ? undefined : cause }).toEqual({
      outcome: scene.outcome,
      left: [],
    });
    expect(stage.failures).toEqual([]);
    await expectSettled(stage, scene);
  } finally {
    await stage.close();
  }
});
