import { connectBelay } from '../../src/client';
import { waitFor } from '../../testbed/wait';
import { plan } from './plans';
import { blocks, createScript, fails } from './script';
import { createStage, type Stage } from './stage';

/** Workflows that Temporal ends: their code had no say, and its last words are out of date. */

const launch = 'api/launch/shop-api-r2-1';
let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage.close());

test('a release that somebody terminated is told as ended, with its step, and is the latest one', async () => {
  const belay = await connectBelay(stage.client);
  const before = await stage.play(plan());
  await before.end();
  const given = plan();
  const play = await stage.play(createScript(given).on(launch, blocks));
  const { workflowId } = play.handle;
  await play.script.until(`+${launch}`);
  await play.handle.terminate('the wrong one');

  const found = await waitFor({
    what: 'it as the latest',
    until: async () => (await belay.find('shop', { ended: true }))?.workflowId === workflowId,
  }).then(() => belay.get(workflowId));
  const number = given.steps.findIndex(({ id }) => id === launch) + 1;
  const seen = await found.status();
  expect(seen).toMatchObject({
    phase: 'closed',
    outcome: 'terminated',
    waiting: [],
    cause: {
      message: expect.stringMatching(
        new RegExp(
          `^${workflowId} was terminated at [-0-9: ]+ \\(the wrong one\\) at step ${number} \\(.*\\), and has undone nothing$`,
        ),
      ),
      hint: expect.stringContaining('`belay release` goes on from what stands'),
    },
  });
  expect(seen.steps[launch]).toMatchObject({ state: 'cancelled', endedAt: expect.any(String) });
  await expect(found.result()).rejects.toMatchObject({
    code: 'unexpected',
    message: expect.stringContaining('the release was terminated, and does not run any more'),
  });
  await expect(found.say('approve', { by: 'ana' })).rejects.toMatchObject({
    message: expect.stringContaining('has ended: terminated'),
  });
});

test('a release that somebody terminated on its way back is not said to have undone nothing', async () => {
  const given = plan();
  const back = 'api/undo/retire/shop-api-r2-1';
  const play = await stage.play(createScript(given).on('api/probe/shop-api-r2-1', fails('not-ready')).on(back, blocks));
  await play.script.until(`+${back}`);
  await play.handle.terminate();
  const { cause } = await (await connectBelay(stage.client)).get(play.handle.workflowId).status();
  expect(cause!.message).toMatch(/ at step u\d+ \([^)]*\)$/);
}, 40_000);

test('a release that went its own way to its end is told by its own words', async () => {
  const play = await stage.play(plan(), { input: { platform: 'shop', dry_run: true } });
  await play.end();
  const belay = await connectBelay(stage.client);
  expect(await belay.get(play.handle.workflowId).status()).toMatchObject({ phase: 'closed', outcome: 'planned' });
});

test('a release in a task queue that no worker serves is told with the queue', async () => {
  const workflowId = 'release/shop/queue';
  const handle = await stage.client.workflow.start('release', {
    workflowId,
    taskQueue: 'belayy',
    args: [{ platform: 'shop' }],
  });
  const release = (await connectBelay(stage.client)).get(workflowId);
  const told = {
    code: 'input-invalid',
    message: expect.stringContaining("waits in task queue belayy, which no worker serves; Belay's is belay"),
    hint: expect.stringContaining('terminate it in the Web UI'),
  };
  await expect(release.status()).rejects.toMatchObject(told);
  await expect(release.say('rollback', { by: 'ana' })).rejects.toMatchObject(told);
  await handle.terminate();
  await expect(release.status()).rejects.toMatchObject({ message: expect.stringContaining('was terminated at') });
}, 40_000);
