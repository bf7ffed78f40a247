import { planJobs, planPending } from '../replay/plans';
import { ann, expectRefused, isHeld } from './expectations';
import { blocks, createScript, fails } from './script';
import { createStage, type Stage } from './stage';

const [expand, contract, probe] = ['api/job/expand', 'api/job/contract', 'api/probe/shop-api-r2-1'];
const [takeBack, end] = ['api/undo/job/expand', 'api/undo/configure'];
let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage?.close());

const atGate = ({ waiting }: { waiting: Array<{ kind: string }> }) => waiting.some(({ kind }) => kind === 'approval');

test('a failed job before the change turns the release back, and nothing of the change has begun', async () => {
  const play = await stage.play(createScript(planJobs()).on(expand, fails('job-failed', 'exit 1')));
  expect(await play.end()).toMatchObject({ type: 'failed' });
  expect((await play.status()).cause).toMatchObject({ code: 'job-failed', step: expand });
  const begun = play.script.begun();
  expect(begun.filter((id) => /launch|swap|drain|retire/.test(id))).toEqual([]);
  expect(begun.slice(begun.indexOf(takeBack))).toEqual([takeBack, end, 'api/undo/record']);
});

test('a rollback while a job runs takes it back', async () => {
  const play = await stage.play(createScript(planJobs()).on(expand, blocks));
  await play.script.until(`+${expand}`);
  await play.signal('rollback', ann);
  expect(await play.end()).toMatchObject({ outcome: 'rolled-back' });
  expect(play.script.events).toEqual(expect.arrayContaining([`~${expand}`, `+${takeBack}`]));
  expect((await play.end()).result?.leaves).toContain(
    'job expand of api did not end well for version 2: what it has done is not taken back',
  );
});

test('a rollback names the jobs that it does not take back, and the files that name another version', async () => {
  const jobs = [{ name: 'expand', when: 'before' as const, command: ['migrate', 'up'], timeout: 60_000 }];
  const play = await stage.play(createScript(planJobs({ jobs })).on(probe, blocks));
  await play.script.until(`+${probe}`);
  await play.signal('rollback', ann);
  const { result } = await play.end();
  expect(result).toMatchObject({
    outcome: 'rolled-back',
    leaves: [
      'job expand of api ran for version 2 and is not taken back: it has no undo',
      'the files still name api 2: docker compose up -d or belay release would bring that back. Write what runs into them (.env or the Compose file): api 1',
    ],
  });
});

test('whatever fails later, a job is taken back last of all', async () => {
  const play = await stage.play(createScript(planJobs()).on(probe, fails('not-ready')));
  expect(await play.end()).toMatchObject({ type: 'failed' });
  const begun = play.script.begun();
  expect(begun.indexOf(takeBack)).toBeGreaterThan(begun.indexOf('api/undo/retire/shop-api-r2-1'));
});

describe('a point of no return', () => {
  test('that is rejected is not passed', async () => {
    const play = await stage.play(createScript(planJobs()));
    await play.until('at the gate', atGate);
    await play.update('reject', ann);
    expect(await play.end()).toMatchObject({ type: 'rejected' });
    expect(play.script.begun()).not.toContain(contract);
  });

  test('once passed, holds where the release would roll back, and refuses a rollback by name', async () => {
    const play = await stage.play(createScript(planJobs()).on(contract, fails('job-failed', 'exit 1')));
    await play.until('at the gate', atGate);
    await play.update('approve', ann);
    await play.until('held', isHeld);
    const why = `${contract} has begun, and nothing takes it back: approve what waits, and retry or skip what has failed`;
    await expectRefused(play, 'rollback', why);
    expect((await play.status()).waiting).toMatchObject([{ kind: 'held', otherwise: `belay skip --step ${contract}` }]);
    await play.handle.cancel();
    await play.until('heard', ({ heard }) => heard.some(({ refused }) => refused === why));
    await play.update('retry', ann);
    expect(await play.end()).toMatchObject({ outcome: 'released' });
    expect(play.script.count(`+${contract}`)).toBe(2);
  });

  test('whose job a person has done by hand is skipped', async () => {
    const play = await stage.play(createScript(planJobs()).on(contract, fails('job-failed', 'exit 1')));
    await play.until('at the gate', atGate);
    await play.update('approve', ann);
    await play.until('held', isHeld);
    await play.update('skip', ann);
    expect(await play.end()).toMatchObject({ outcome: 'released' });
  });

  test('once passed, ends as it stands by a skip of what nothing goes on without', async () => {
    const play = await stage.play(createScript(planJobs()).on('api/record', fails('instance-exited')));
    await play.until('at the gate', atGate);
    await play.update('approve', ann);
    await play.until('held', isHeld);
    const [held] = (await play.status()).waiting;
    expect(held).toMatchObject({ command: 'belay retry --step api/record', otherwise: 'belay skip --step api/record' });
    await play.update('skip', ann);
    expect(await play.end()).toMatchObject({ type: 'left' });
    expect(play.script.begun().filter((id) => id.includes('/undo/'))).toEqual([]);
  });

  test('is not passed where nothing is pending: nobody is asked, and the release can turn back', async () => {
    const script = createScript(planPending()).on('api/job/contract.pending', async () => ({ idle: true }));
    const play = await stage.play(script.on('api/record', fails('instance-exited')));
    expect(await play.end()).toMatchObject({ type: 'failed' });
    expect((await play.status()).steps[contract]).toMatchObject({ state: 'done', note: 'nothing is pending' });
    expect(play.script.begun()).not.toContain(contract);
    expect((await play.status()).heard).toEqual([]);
  });
});

test('a person who has a failed job tried again is counted, and nothing else is', async () => {
  const script = createScript(planJobs({ on_failure: 'hold' })).on(expand, fails('job-failed'), fails('job-failed'));
  const play = await stage.play(script);
  for (const times of [1, 2]) {
    await script.until(`!${expand}`, times);
    await play.until('held', isHeld);
    await play.update('retry', ann);
  }
  await play.until('at the gate', atGate);
  expect(script.acts.filter(({ id }) => id === expand).map(({ input }) => input.retried ?? 0)).toEqual([0, 1, 2]);
  await play.signal('rollback', ann);
  await play.end();
});
