import { planRestored } from './restored';
import { blocks, createScript, fails } from './script';
import { createStage, type Stage } from './stage';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
}, 180_000);
afterAll(() => stage?.close(), 60_000);

const restore = { kind: 'restore' } as const;

test('tells for how long services were stopped', async () => {
  const { end, handle } = await stage.play(planRestored(), restore);
  expect(await end()).toMatchObject({ closed: 'completed', outcome: 'restored' });
  expect(await handle.result()).toMatchObject({ gap: expect.any(Number) });
  const { searchAttributes } = await handle.describe();
  expect(searchAttributes).toMatchObject({ BelayServices: ['api', 'db', 'web'], BelayPhase: ['closed'] });
});

test('a service that is not ready on the restored data has the former data back', async () => {
  const script = createScript(planRestored()).on('api/probe/shop-api-r1-1', fails('not-ready'));
  const { end } = await stage.play(script, restore);
  expect(await end()).toMatchObject({ type: 'failed' });
  const back = script.begun().filter((id) => id.includes('/undo/') && !/claim|record|discard/.test(id));
  expect(script.begun()).toContain('db/undo/restore/discard');
  expect(back).toEqual([
    'api/undo/halt/shop-api-r1-1',
    'db/undo/restore/undo',
    'api/undo/resume/shop-api-r1-1',
    'api/undo/probe/shop-api-r1-1',
    'api/undo/swap/shop-api-r1-1',
    'web/undo/resume/shop-web-r1-1',
    'web/undo/probe/shop-web-r1-1',
  ]);
});

test('one that fails before anything stops only removes what it prepared', async () => {
  const script = createScript(planRestored()).on('db/restore/prepare', fails('backup-damaged'));
  const { end } = await stage.play(script, restore);
  expect(await end()).toMatchObject({ type: 'failed' });
  expect(script.begun().filter((id) => !/plan|claim|record/.test(id))).toEqual([
    'db/restore/prepare',
    'db/undo/restore/discard',
  ]);
});

test('what an earlier restore has kept may stay, and the restore is done all the same', async () => {
  const script = createScript(planRestored({ former: ['r0'] })).on('db/restore/forget/r0', fails('backup-failed'));
  const { end } = await stage.play(script, restore);
  expect(await end()).toMatchObject({ outcome: 'restored' });
});

test('a person may take it back while it runs, and everything starts again', async () => {
  const script = createScript(planRestored()).on('db/restore/commit', blocks);
  const { end, signal } = await stage.play(script, restore);
  await script.until('+db/restore/commit');
  await signal('rollback', { by: 'ann' });
  expect(await end()).toMatchObject({ outcome: 'rolled-back' });
  expect(script.begun()).toEqual(expect.arrayContaining(['db/undo/restore/undo', 'web/undo/resume/shop-web-r1-1']));
});
