import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLedger, type Ledger } from '../../src/hosts/ledger';
import { createMasker } from '../../src/hosts/secrets';
import type { DesiredJob, PlannedService } from '../../src/model/desired';
import { formerOf } from '../../src/model/task';
import { rollbackOf, type Way } from '../../src/revisions/rollback-target';
import { runtimesOf } from '../../src/runtimes';
import type { ProxySpec } from '../../src/spec/spec';
import { fakeRuntime } from '../fakes/fake-runtime';
import { desiredService } from '../plan/arbitraries';

let home: string;
let ledger: Ledger;
const runtimeOf = runtimesOf({ engine: fakeRuntime(), home: '/nowhere', masker: createMasker() });
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-rollback-'));
  ledger = createLedger({ home });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const ports = { first: 20_000, last: 20_999 };
const haproxy = (socket: string): ProxySpec => ({ kind: 'haproxy', socket, config: '/haproxy.cfg' });

interface Past {
  service?: string;
  number: number;
  release: string;
  previous?: number;
  proxies?: Record<string, ProxySpec>;
  kept?: boolean;
  backend?: string;
  task?: PlannedService['task'];
  /** The job of a service that is one. */
  job?: DesiredJob;
  /** The jobs of a service that stays. */
  jobs?: DesiredJob[];
}

/** Records one more release of the past. */
async function released({ service = 'api', number, release, previous, kept = true, ...more }: Past): Promise<void> {
  const own = ledger.of({ platform: 'shop', service });
  const { proxies = { edge: haproxy('/run/a.sock') } } = more;
  const [proxy] = Object.keys(proxies) as [string];
  const { task = { kind: 'run' }, job, jobs } = more;
  const desired = desiredService({
    service,
    routes: [{ proxy, backend: service, port: 8080 }],
    ...(jobs && { jobs }),
    ...(job && { routes: [], strategy: { kind: 'job' }, jobs: [job] }),
  });
  await own.writePending({
    task,
    number,
    previous,
    desired,
    site: { proxies, ports },
    by: 'ann',
    reason: '',
    release,
  });
  if (kept) await own.configure(number, { create: {} });
  await own.setState(number, 'recorded');
  await own.setHead(number);
  // Times have milliseconds, and the next release has to be later.
  await new Promise((resolve) => setTimeout(resolve, 2));
}

const targets = async (names?: string[], to?: Way['to']) =>
  (await rollbackOf({ ledger, runtimeOf }, { platform: 'shop', services: names, to })).services.map(
    (one) => `${one.service} r${formerOf(one)?.revision}`,
  );

test('a ledger that cannot be read is not an empty one', async () => {
  mkdirSync(join(home, 'ledger'));
  writeFileSync(join(home, 'ledger', 'shop'), 'not a folder');
  await expect(targets()).rejects.toMatchObject({
    code: 'preflight-failed',
    message: expect.stringContaining('ledger/shop cannot be read: a file stands where a folder belongs'),
  });
});

test('leads back with every service of the latest release, and with no other', async () => {
  await released({ number: 1, release: 'a' });
  await released({ service: 'web', number: 1, release: 'a' });
  await released({ number: 2, release: 'b', previous: 1 });
  await released({ service: 'web', number: 2, release: 'b', previous: 1 });
  expect(await targets()).toEqual(['api r1', 'web r1']);
  await released({ number: 3, release: 'c', previous: 2 });
  expect(await targets()).toEqual(['api r2']);
  expect(await targets(['web'])).toEqual(['web r1']);
});

test('leads a job with an undo back to before its first run, once, and leaves one without alone', async () => {
  const job = { name: 'migrate', when: 'before' as const, timeout: 60_000 };
  const migrate = { service: 'migrate', job: { ...job, undo: ['down'] } };
  await released({ number: 1, release: 'a' });
  await released({ number: 2, release: 'b', previous: 1 });
  await released({ ...migrate, number: 1, release: 'b' });
  await released({ service: 'seed', job, number: 1, release: 'b' });
  const { services } = await rollbackOf({ ledger, runtimeOf }, { platform: 'shop' });
  expect(services.map(({ service, task }) => ({ service, ...task }))).toMatchObject([
    { service: 'api', kind: 'take-again', revision: 1 },
    { service: 'migrate', kind: 'remove', revision: 0 },
  ]);
  const back = { release: 'c' };
  await released({ number: 3, ...back, previous: 1 });
  await released({ ...migrate, ...back, number: 2, task: { kind: 'remove', revision: 0 } });
  expect(await targets()).toEqual(['api r1']);
});

test('asks a proxy of several services where the newest of their releases says', async () => {
  const at = (socket: string) => ({ edge: haproxy(socket) });
  await released({ number: 1, release: 'a', proxies: at('/run/a.sock') });
  await released({ service: 'web', number: 1, release: 'a', proxies: at('/run/a.sock') });
  await released({ service: 'web', number: 2, release: 'b', previous: 1, proxies: at('/run/b.sock') });
  await released({ number: 2, release: 'c', previous: 1, proxies: at('/run/c.sock') });
  const { site } = await rollbackOf({ ledger, runtimeOf }, { platform: 'shop', services: ['api', 'web'] });
  expect(site).toEqual({ proxies: at('/run/c.sock'), ports });
});

test('never turns back another service than the one released last', async () => {
  await released({ number: 1, release: 'a' });
  await released({ number: 2, release: 'b', previous: 1 });
  await released({ service: 'web', number: 1, release: 'c' });
  await expect(targets()).rejects.toMatchObject({
    code: 'revision-unknown',
    message: 'shop: web has no earlier revision to go back to',
  });
  expect(await targets(['api'])).toEqual(['api r1']);
});

test('is refused before anything begins where the revision is not kept any more', async () => {
  await released({ number: 1, release: 'a', kept: false });
  await released({ number: 2, release: 'b', previous: 1 });
  await expect(targets()).rejects.toMatchObject({
    code: 'revision-unknown',
    message: 'shop: the configuration of revision 1 of api is no longer on this host',
    hint: expect.stringContaining('belay release --version api=<tag>'),
  });
});

test('leads to the head when a newer revision was begun and never recorded', async () => {
  await released({ number: 1, release: 'a' });
  await released({ number: 2, release: 'b', previous: 1 });
  const own = ledger.of({ platform: 'shop', service: 'api' });
  const site = { proxies: { edge: haproxy('/run/a.sock') }, ports };
  await own.writePending({
    task: { kind: 'run' },
    number: 3,
    desired: desiredService(),
    site,
    by: '',
    reason: '',
    release: 'c',
  });
  expect(await targets()).toEqual(['api r2']);
});

test('knows the proxies of both, those of the present by the present', async () => {
  await released({ number: 1, release: 'a', proxies: { edge: haproxy('/run/a.sock'), both: haproxy('/run/a.sock') } });
  await released({
    number: 2,
    release: 'b',
    previous: 1,
    proxies: { front: haproxy('/run/b.sock'), both: haproxy('/run/b.sock') },
  });
  const { site } = await rollbackOf({ ledger, runtimeOf }, { platform: 'shop' });
  expect(site.proxies).toEqual({
    edge: haproxy('/run/a.sock'),
    front: haproxy('/run/b.sock'),
    both: haproxy('/run/b.sock'),
  });
});

describe('to a revision by its number', () => {
  const four = async (service?: string) => {
    await released({ service, number: 1, release: 'a' });
    for (const number of [2, 3, 4])
      await released({ service, number, release: `release/shop/${number}`, previous: number - 1 });
  };

  test('leads there, and goes on from there when it is asked again', async () => {
    await four();
    expect(await targets(undefined, 2)).toEqual(['api r2']);
    const { services } = await rollbackOf({ ledger, runtimeOf }, { platform: 'shop', to: 2 });
    expect(services[0]!.task).toMatchObject({ revision: 2, previous: 1 });
  });

  test('asks of which service where there are several, and says how to write it', async () => {
    await four();
    await four('web');
    await expect(targets(undefined, 2)).rejects.toMatchObject({
      code: 'input-invalid',
      message: expect.stringContaining('revision 2 is ambiguous'),
      hint: '--service api --to 2, or --to api=2,web=2',
    });
    await expect(targets(undefined, 99)).rejects.toMatchObject({
      code: 'revision-unknown',
      message: "shop: this host's ledger has no revision 99 of any service",
      hint: expect.stringMatching(/^api: a rollback can go to .*; web: a rollback can go to /),
    });
    expect(await targets(['web'], 2)).toEqual(['web r2']);
    expect(await targets(undefined, { api: 1, web: 3 })).toEqual(['api r1', 'web r3']);
    expect(await targets(undefined, { web: 3 })).toEqual(['web r3']);
  });

  test('leads to what a release had made of every service of it', async () => {
    await four();
    await four('web');
    await released({ service: 'db', number: 1, release: 'other' });
    expect(await targets(undefined, 'release/shop/3')).toEqual(['api r3', 'web r3']);
    await expect(targets(undefined, 'release/shop/9')).rejects.toMatchObject({ code: 'revision-unknown' });
    await expect(targets(undefined, '2')).rejects.toMatchObject({
      code: 'revision-unknown',
      message: 'to: "2" is read as the id of a release',
      hint: 'for revision 2 write 2 without quotes, or { "api": 2 }',
    });
  });

  test('does not lead to what Compose had started when the release that took it over is named', async () => {
    const own = ledger.of({ platform: 'shop', service: 'api' });
    const common = { desired: desiredService(), by: '', reason: '', release: 'release/shop/1' };
    await own.adopt({ task: { kind: 'run' }, ...common, snapshots: { 'shop-api-1': {} } });
    await released({ number: 1, release: 'release/shop/1', previous: 0 });
    expect(await targets(undefined, 'release/shop/1')).toEqual(['api r1']);
    expect(await targets(undefined, 0)).toEqual(['api r0']);
  });

  test('leads to what Compose had started of every service with 0, and leaves alone what it had not', async () => {
    const adopted = { desired: desiredService(), by: '', reason: '', release: 'a', snapshots: {} };
    for (const service of ['api', 'web']) {
      await ledger
        .of({ platform: 'shop', service })
        .adopt({ task: { kind: 'run' }, ...adopted, desired: desiredService({ service }) });
      await released({ service, number: 1, release: 'a', previous: 0 });
    }
    await released({ service: 'db', number: 1, release: 'b' });
    expect(await targets(undefined, 0)).toEqual(['api r0', 'web r0']);
    const { warnings } = await rollbackOf({ ledger, runtimeOf }, { platform: 'shop', to: 0 });
    expect(warnings).toEqual(['db: stays as it is, because Compose had not started it']);
  });

  test('is refused with 0 where Compose had started none of several services', async () => {
    await four();
    await four('web');
    await expect(targets(undefined, 0)).rejects.toMatchObject({
      code: 'revision-unknown',
      message: "shop: this host's ledger has no revision 0 of api",
    });
  });

  test('is refused where there is none, with those that there are', async () => {
    await four();
    await expect(targets(undefined, 9)).rejects.toMatchObject({
      code: 'revision-unknown',
      message: "shop: this host's ledger has no revision 9 of api",
      hint: 'a rollback can go to 3, 2, 1',
    });
    await expect(targets(undefined, { web: 1 })).rejects.toMatchObject({ code: 'input-invalid' });
  });

  test('is refused where it was never recorded, with the reason', async () => {
    await four();
    const own = ledger.of({ platform: 'shop', service: 'api' });
    await own.setState(3, 'abandoned');
    await expect(targets(undefined, 3)).rejects.toMatchObject({
      code: 'revision-unknown',
      message: 'shop: revision 3 of api was never recorded: release/shop/3 was rolled back before it was done',
      hint: 'a rollback can go to 2, 1',
    });
  });
});

test('names the jobs that ran since and that nothing takes back, of services that are jobs too', async () => {
  const job = (name: string) => ({ name, when: 'before' as const, timeout: 60_000 });
  const ran = (service: string, number: number, name: string) =>
    ledger.of({ platform: 'shop', service }).recordJob(number, {
      instance: `shop-${service}-r${number}-${name}`,
      job: name,
      run: 'run',
      retried: 0,
      begunAt: '2030-01-01T00:00:00.000Z',
      exitCode: 0,
    });
  const undo = { ...job('expand'), undo: ['down'] };
  await released({ number: 1, release: 'a', jobs: [job('seed')] });
  await ran('api', 1, 'seed');
  await released({ number: 2, release: 'b', previous: 1, jobs: [job('seed'), undo] });
  await ran('api', 2, 'seed');
  await ran('api', 2, 'expand');
  await released({ service: 'migrate', job: job('migrate'), number: 1, release: 'b' });
  await ran('migrate', 1, 'migrate');
  const { leftJobs } = await rollbackOf({ ledger, runtimeOf }, { platform: 'shop' });
  expect(leftJobs).toEqual([
    expect.stringMatching(/^job seed of api ran for version \S+ and is not taken back: it has no undo$/),
    expect.stringMatching(/^migrate ran for version \S+ and is not taken back: it has no undo$/),
  ]);
});
