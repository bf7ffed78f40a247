import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chosen } from './chosen';
import { createdBetween, eventsOf } from './containers';
import { jobPoints } from './crash-cases';
import { arm } from './crash-point';
import { workerDies } from './crashes';
import { expectSettled, headOf, ledgerOf } from './expect-settled';
import { untilRelease, untilStep, untilWaiting } from './progress';
import { frequentChecks, quickly, releaseTo, type Stage, setStage, type Versions, versionsAt } from './stage';

const name = 'e2ejobs';
const count = 2;
let stage: Stage;

beforeAll(async () => {
  stage = await setStage({
    versions: ['1', '2'].map((tag) => ({ tag, env: { SHUTDOWN_MS: '50' } })),
    haproxy: { backends: [{ name: 'api', slots: 10 }], options: frequentChecks },
    platform: { name, instances: count, firstPort: 21400 },
    mortal: true,
  });
}, 360_000);

afterEach(() => stage?.quiet());

afterAll(() => stage?.stop(), 60_000);

/** A program that says which version it is of, and for how long it works. */
const says = (word: string, { forMs = 0, code = 0 } = {}) => [
  'node',
  '-e',
  `console.log('${word} as ' + process.env.VERSION); setTimeout(() => process.exit(${code}), ${forMs})`,
];
const plain = { name: 'expand', command: says('expand') };
const expand = { ...plain, pending: says('ask', { code: 1 }), undo: says('shrink') };
/** Node as the first process of a container does not hear SIGTERM. */
const slow = { ...plain, command: says('expand', { forMs: 60_000 }) };
const contract = { name: 'contract', when: 'after', command: says('contract') };

async function begin(...jobs: object[]): Promise<Versions> {
  const versions = await versionsAt(stage, { count });
  stage.platform.write({ service: { ...quickly, stop: { grace: '200ms' }, jobs } });
  return versions;
}

const logOf = async (job: string, revision: number): Promise<string> =>
  readFileSync(join(stage.platform.home, 'logs', `${name}-api-r${revision}-job-${job}.log`), 'utf8').trim();

/** The runs of jobs, as the engine started them. */
async function startedSince(since: number): Promise<string[]> {
  const format = '{{.Actor.Attributes.name}}';
  return await eventsOf([`label=belay.platform=${name}`, 'event=start'], { since, format });
}
const jobsIn = (started: string[]): string[] => started.filter((one) => one.includes('-job-'));

test('one runs before any change and one after it, once each, with the new image, and no request fails', async () => {
  const { to } = await begin(expand, contract);
  const load = await stage.load();
  const since = Date.now();
  await releaseTo(stage, { versions: { api: to } });
  const head = (await headOf(stage.platform))!;
  const started = await startedSince(since);
  const [ask, first, last] = ['expand.pending', 'expand', 'contract'].map((job) => `${name}-api-r${head}-job-${job}`);
  expect(started.slice(0, 2)).toEqual([ask, first]);
  expect(started.at(-1)).toBe(last);
  expect(jobsIn(started)).toEqual([ask, first, last]);
  expect(await logOf('expand', head)).toBe(`expand as ${to}`);
  expect((await ledgerOf(stage.platform).revision(head))?.jobs).toMatchObject([
    { exitCode: 1 },
    { exitCode: 0 },
    { exitCode: 0 },
  ]);
  await expectSettled({ ...stage, instances: count, since, version: to, report: await load.stop() });
});

test('one that fails turns the release back before an instance starts', async () => {
  const { from, to } = await begin({ ...expand, command: says('expand', { code: 3 }) });
  const load = await stage.load();
  const since = Date.now();
  const { cause } = await releaseTo(stage, { versions: { api: to } }, 'failed');
  expect(cause).toMatchObject({ code: 'job-failed', message: expect.stringContaining('failed: exit 3 after') });
  expect(cause?.message).toContain(`its last lines: expand as ${to}`);
  const all = await startedSince(since);
  expect(all).toEqual(jobsIn(all));
  expect(all).toHaveLength(2);
  await expectSettled({ ...stage, instances: count, since, version: from, report: await load.stop() });
});

test('one that does not end in its time is asked to stop, killed after the grace, and has failed', async () => {
  const { from, to } = await begin({ ...slow, timeout: '700ms' });
  const since = Date.now();
  const { cause } = await releaseTo(stage, { versions: { api: to } }, 'failed');
  expect(cause?.message).toContain('job expand of api did not end within 0.7 s, and was stopped (exit 137)');
  await expectSettled({ ...stage, instances: count, since, version: from });
});

test('a rollback ends the one that runs', async () => {
  const { from, to } = await begin(slow);
  const since = Date.now();
  const handle = await stage.release({ versions: { api: to } });
  await untilStep(handle, /job\/expand/, 'running');
  await handle.say('rollback', { by: 'ana' });
  expect((await handle.result()).outcome).toBe('rolled-back');
  // No undo fits what it may have done by then.
  expect(jobsIn(await createdBetween(name, { since })).filter((one) => one.endsWith('.undo'))).toEqual([]);
  await expectSettled({ ...stage, instances: count, since, version: from });
});

test('a later rollback takes back what its release did, after the former version serves again', async () => {
  const { from, to } = await begin(expand);
  await releaseTo(stage, { versions: { api: to } });
  const head = (await headOf(stage.platform))!;
  const since = Date.now();
  const back = await stage.platform.belay.rollback({ platform: name });
  expect((await back.result()).outcome).toBe('reverted');
  expect((await startedSince(since)).at(-1)).toBe(`${name}-api-r${head}-job-expand.undo`);
  expect(await logOf('expand.undo', head)).toBe(`shrink as ${to}`);
  await expectSettled({ ...stage, instances: count, since, version: from });
});

test('past a point of no return nothing goes back: the release holds, and a later rollback is refused', async () => {
  const { to } = await begin({ ...contract, command: says('contract', { code: 1 }), point_of_no_return: true });
  const since = Date.now();
  const handle = await stage.release({ versions: { api: to } });
  await untilWaiting(handle, 'approval');
  await handle.say('approve', { by: 'ana' });
  await untilWaiting(handle, 'held');
  await handle.say('rollback', { by: 'ana' });
  const refused =
    'api/job/contract has begun, and nothing takes it back: approve what waits, and retry or skip what has failed';
  await untilRelease(handle, 'a refusal', ({ heard }) => heard.some((one) => one.refused === refused));
  await handle.say('skip', { by: 'ana' });
  expect((await handle.result()).outcome).toBe('released');
  await expectSettled({ ...stage, instances: count, since, version: to });
  const back = await stage.platform.belay.rollback({ platform: name });
  await expect(back.result()).rejects.toThrow(/ran job contract, which nothing takes back/);
});

const points = chosen(jobPoints, ({ id }) => id.split('.')[0]!);
test.each(points)('each has run once when its worker dies $when $id, $way', async (point) => {
  const { from, to } = await begin({ ...plain, command: says('expand', { forMs: 1_500 }) });
  const back = point.way === 'undo';
  if (back)
    stage.platform.write({
      service: { ...quickly, jobs: [expand, { name: 'bad', command: says('bad', { code: 1 }) }] },
    });
  const since = Date.now();
  arm(stage.crashes, point);
  const handle = await stage.release({ versions: { api: to } });
  await workerDies(stage, { point, release: handle });
  expect((await handle.result()).outcome).toBe(back ? 'failed' : 'released');
  const started = jobsIn(await startedSince(since));
  expect(started).toEqual([...new Set(started)]);
  expect(started[0]).toMatch(/-job-expand(\.pending)?$/);
  await expectSettled({ ...stage, instances: count, since, version: back ? from : to });
});
