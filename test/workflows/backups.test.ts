import { withBackups } from '../../src/plan/backups';
import { planCopies, postgresOf } from './backed-up';
import { planShutdowns, scenario } from './drilled';
import { expectRefused } from './expectations';
import { plan } from './plans';
import { blocks, createScript, fails, heldBy } from './script';
import { createStage, type Stage } from './stage';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
}, 120_000);
afterAll(() => stage?.close(), 60_000);

const [crm, made, verified] = [
  'crm/backup/crm/postgres/shop',
  'db/backup/db/postgres/shop',
  'db/verify/db/postgres/shop',
];
const play = (script = createScript(planCopies())) => stage.play(script, { kind: 'backup' });

test('a backup is done once all are made, and gives every service back', async () => {
  const { script, end, handle } = await play();
  expect(await end()).toMatchObject({ closed: 'completed', outcome: 'backed-up' });
  expect(script.begun()).toEqual(expect.arrayContaining([crm, made, verified, 'crm/record', 'db/record']));
  const { searchAttributes } = await handle.describe();
  expect(searchAttributes).toMatchObject({ BelayServices: ['crm', 'db'], BelayPlatform: ['shop'] });
});

test('a backup that fails keeps no other from being made, and is named at the end', async () => {
  const script = createScript(planCopies()).on(crm, fails('backup-failed', 'no disk', 'make room'));
  expect(await (await play(script)).end()).toMatchObject({
    type: 'failed',
    result: { cause: { code: 'backup-failed', message: 'no disk', hint: 'make room', step: crm } },
  });
  expect(script.begun()).toEqual(expect.arrayContaining([made, verified, 'crm/record', 'db/record']));
});

test('several that fail are all named', async () => {
  const script = createScript(planCopies())
    .on(crm, fails('backup-failed', 'one'))
    .on(verified, fails('backup-damaged', 'two'));
  const { result } = await (await play(script)).end();
  expect(result?.cause?.message).toBe(
    'back up crm (postgres shop): one\nrestore the backup of db (postgres shop) into a scratch instance, and ask it: two',
  );
});

test('a cancelled backup ends what runs, and gives every service back', async () => {
  const script = createScript(planCopies()).on(made, blocks);
  const { end, handle } = await play(script);
  await script.until(`+${made}`);
  await handle.cancel();
  expect(await end()).toMatchObject({ closed: 'cancelled' });
  expect(script.events).toContain(`~${made}`);
  expect(script.begun()).toEqual(expect.arrayContaining(['db/undo/claim', 'db/undo/record']));
  expect(script.begun()).not.toContain(verified);
});

test('a backup waits while a release has a service, and begins anew where one was faster', async () => {
  const script = createScript(planCopies())
    .on('plan', heldBy('release/shop/other'))
    .on('db/claim', fails('fence-stale'));
  const { end } = await play(script);
  expect(await end()).toMatchObject({ outcome: 'backed-up' });
  expect(script.count('+plan')).toBe(3);
});

test('a backup is never rolled back by a message, which says how to end it', async () => {
  const script = createScript(planCopies()).on(made, blocks);
  const { end, update } = await play(script);
  await script.until(`+${made}`);
  await expect(update('rollback', { by: 'ana' })).rejects.toMatchObject({
    cause: { message: 'a backup is never rolled back: cancel it, with Request Cancellation in the Web UI' },
  });
  script.release(made);
  expect(await end()).toMatchObject({ outcome: 'backed-up' });
});

test('a drill verifies what was chosen', async () => {
  const script = createScript(planCopies({ drill: true }));
  const play = await stage.play(script, { kind: 'drill', input: { restore: true } });
  expect(await play.end()).toMatchObject({ outcome: 'passed' });
  expect(script.begun()).toEqual(['plan', 'db/claim', verified, 'db/record']);
});

test('a drill of shutdowns goes on after one that fails, and names it', async () => {
  const script = createScript(planShutdowns()).on('api/drill', fails('drill-failed', 'killed', 'handle SIGTERM'));
  const play = await stage.play(script, { kind: 'drill', input: { all: true } });
  expect(await play.end()).toMatchObject({
    type: 'failed',
    result: { cause: { code: 'drill-failed', step: 'api/drill', hint: 'handle SIGTERM' } },
  });
  expect(script.begun()).toEqual(expect.arrayContaining(['api/record', 'web/drill', 'web/record']));
});

test('a service that a release has got before its drill is left out, and named', async () => {
  const script = createScript(planShutdowns()).on('web/claim', heldBy('release/shop/other'));
  const play = await stage.play(script, { kind: 'drill', input: { all: true } });
  expect(await play.end()).toMatchObject({
    type: 'failed',
    result: {
      cause: { code: 'drill-failed', message: 'web was not drilled: held' },
    },
  });
  expect(script.begun()).toEqual(expect.arrayContaining(['api/drill', 'api/record', 'web/claim']));
  expect(script.begun()).not.toEqual(expect.arrayContaining(['web/drill']));
  expect(script.begun()).not.toEqual(expect.arrayContaining(['web/record']));
});

test('a service that was left out is not tried again: the drill has gone on without it', async () => {
  const script = createScript(planShutdowns()).on('api/claim', heldBy('release/shop/other')).on('web/drill', blocks);
  const play = await stage.play(script, { kind: 'drill', input: { all: true } });
  await script.until('+web/drill');
  await expectRefused(play, 'retry', 'no step has failed');
  script.release('web/drill');
  expect(await play.end()).toMatchObject({ type: 'failed', result: { cause: { code: 'drill-failed' } } });
  expect(script.count('+api/claim')).toBe(1);
});

test('in a release a failed drill turns it back before any change, whatever on_failure says', async () => {
  const script = createScript(plan({ on_failure: 'hold', drill: scenario })).on(
    'api/drill',
    fails('drill-failed', 'killed'),
  );
  const play = await stage.play(script);
  expect(await play.end()).toMatchObject({
    type: 'failed',
    result: { cause: { message: 'killed', step: 'api/drill' } },
  });
  expect(script.begun()).toEqual(expect.arrayContaining(['api/undo/drill', 'api/undo/record']));
  expect(script.begun().filter((id) => id.includes('launch'))).toEqual([]);
});

test('a cancelled drill of shutdowns removes what is left, and gives the service back', async () => {
  const script = createScript(planShutdowns()).on('api/drill', blocks);
  const { end, handle } = await stage.play(script, { kind: 'drill', input: { all: true } });
  await script.until('+api/drill');
  await handle.cancel();
  expect(await end()).toMatchObject({ closed: 'cancelled' });
  expect(script.begun()).toEqual(expect.arrayContaining(['api/undo/drill', 'api/undo/record']));
});

test.each([made, verified])('in a release %s turns it back before any change, whatever on_failure says', async (id) => {
  const given = plan({ on_failure: 'hold' });
  const steps = withBackups(given.steps, [postgresOf({ before: ['configure'] })]);
  const own = id.replace('db', 'api');
  const script = createScript({ ...given, steps }).on(own, fails('backup-failed', 'no disk'));
  const play = await stage.play(script);
  expect(await play.end()).toMatchObject({ type: 'failed', result: { cause: { message: 'no disk', step: own } } });
  expect(script.begun()).toContain(own);
  expect(script.begun()).not.toContain('api/configure');
});
