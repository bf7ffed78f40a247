import { type CrashPoint, titleOf } from '../e2e/crash-point';
import { type Scene, scenes } from './scenes';
import { expectSettled } from './settled';
import { openTheatre, soon, type Theatre } from './stage';

let theatre: Theatre;
beforeAll(async () => {
  theatre = await openTheatre();
}, 180_000);
afterAll(() => theatre?.close());

/** The middle of what a scene changes on the host. */
function middleOf({ forward, undo }: Scene): CrashPoint {
  const [way, ids] = forward ? (['forward', forward] as const) : (['undo', undo!] as const);
  return { kind: 'effect', id: ids[ids.length >> 1]!, when: 'after', way };
}

/** One of each kind of workflow, of each way through it, and of what waits for time or people. */
const kinds = [
  'a release',
  'a release that fails',
  'a rollback',
  'a canary that is rejected',
  'a switch',
  'a warm set is retired',
  'a port is taken over',
  'a prune',
  'a drop',
];
const played = scenes.filter(({ title }) => kinds.includes(title));

test('each kind is played', () => expect(played).toHaveLength(kinds.length));

const cases = played.map((scene) => [scene.title, titleOf([middleOf(scene)]), scene] as const);

test.each(cases)('%s: the worker is upgraded %s, and the new one goes on', async (_title, _point, scene) => {
  const stage = await theatre.stage();
  try {
    await scene.prepare(stage);
    stage.watch(scene.serving);
    stage.arm([middleOf(scene)]);
    stage.beforeNext(theatre.upgrade);
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
