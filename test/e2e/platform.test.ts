import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFence } from '../../src/hosts/fence';
import { createLedger } from '../../src/hosts/ledger';
import type { ReleaseRequest } from '../../src/model/requests';
import type { ServiceNow } from '../../src/observe/fleet-now';
import { docker, type LoadResult, waitFor } from '../../testbed';
import { startRedis } from '../../testbed/redis';
import { belay, follow } from './command';
import { instancesOf, versionAt } from './containers';
import { expectNoneFailed, headOf } from './expect-settled';
import { untilRelease, untilWaiting } from './progress';
import { frequentChecks, type Stage, setStage } from './stage';

const name = 'e2eplat';
const ready = { http: '/ready', port: 8080, every: '100ms', healthy: 1, within: '10s' };
let stage: Stage;

/**
 * A web service in front of an api, both behind the proxy. Behind them are a store with a volume and Compose's own
 * cache.
 */
const services = {
  store: { strategy: { kind: 'recreate' }, health: { ready } },
  api: {
    instances: 2,
    routes: [{ proxy: 'edge', backend: 'api', port: 8080 }],
    health: { ready },
    needs: [{ http: `http://cache:\${CACHE_PORT:-8080}/ready` }],
  },
  web: { instances: 2, routes: [{ proxy: 'edge', backend: 'web', port: 8080 }], health: { ready } },
};

beforeAll(async () => {
  stage = await setStage({
    versions: [{ tag: '1' }, { tag: '2' }, { tag: '3' }, { tag: 'never', env: { NEVER_READY: '1' } }],
    haproxy: {
      backends: [
        { name: 'api', slots: 6 },
        { name: 'web', slots: 6 },
      ],
      options: frequentChecks,
    },
    platform: { name, firstPort: 21400 },
  });
  write();
  writeFileSync(join(stage.platform.folder, 'compose.yaml'), composeFile(stage.bed.images['1']!.ref));
}, 360_000);

afterEach(() => stage?.quiet());

afterAll(async () => {
  await stage?.stop();
  await docker(['volume', 'rm', `${name}_data`]).catch(() => undefined);
}, 180_000);

const composeFile = (image: string): string => `
name: ${name}
services:
  cache: { image: "${image}" }
  store: { image: "${image}", volumes: ["data:/data"] }
  api:
    image: "${image}"
    depends_on: { cache: { condition: service_started }, store: { condition: service_healthy } }
  web:
    image: "${image}"
    depends_on: { api: { condition: service_healthy } }
volumes: { data: {} }
`;

/** Writes a belay.yaml with these services, and tests of the whole platform. */
const write = (named: object = services, validate: object[] = []) =>
  stage.platform.write({ spec: { compose: 'compose.yaml', services: named, validate } });

const compose = (...args: string[]) => docker(['compose', '-f', join(stage.platform.folder, 'compose.yaml'), ...args]);
const all = (version: string) => ({ store: version, api: version, web: version });

async function releaseTo(request: Omit<ReleaseRequest, 'platform'>, outcome: string) {
  const handle = await stage.release(request);
  const result = await handle.result();
  expect({ outcome: result.outcome, ...(outcome === 'released' && { cause: result.cause }) }).toEqual({ outcome });
  return { result, status: await handle.status() };
}

/** Puts a program beside belay.yaml that passes if the address answers this version; returns whom it was told of. */
function program(file: string, address: string): () => Array<[instance: string | null, at: string | null]> {
  const { folder } = stage.platform;
  const text = `#!${process.execPath}
const { BELAY_INSTANCE, BELAY_ADDRESS } = process.env;
require('node:fs').appendFileSync('${file}.told', JSON.stringify([BELAY_INSTANCE ?? null, BELAY_ADDRESS ?? null]) + '\\n');
const end = (version) => process.exit(version === process.argv[2] ? 0 : 3);
if (process.argv[2]) fetch(\`${address}\`).then((answer) => answer.json()).then(({ version }) => end(version), end);
`;
  writeFileSync(join(folder, file), text, { mode: 0o755 });
  return () =>
    readFileSync(join(folder, `${file}.told`), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
}

/** Versions that the instances of a service answer. */
async function versionsOf(service: string): Promise<string[]> {
  const own = (await instancesOf(name)).filter((one) => one.name.startsWith(`${name}-${service}-`));
  return await Promise.all(own.map(({ port }) => versionAt(port)));
}

const versions = async () =>
  Object.fromEntries(
    await Promise.all(['store', 'api', 'web'].map(async (service) => [service, await versionsOf(service)] as const)),
  );

/** Expects that no release holds a service, and that no revision is pending. */
async function expectSettled(): Promise<void> {
  for (const service of Object.keys(services)) {
    const key = { platform: name, service };
    expect((await readFence({ home: stage.platform.home, ...key })).owner).toBeUndefined();
    const revisions = await createLedger({ home: stage.platform.home }).of(key).revisions();
    expect(revisions.filter(({ state }) => state === 'pending')).toEqual([]);
  }
}

async function underLoad<T>(act: () => Promise<T>): Promise<{ answer: T; reports: LoadResult[] }> {
  const loads = await Promise.all(
    ['api', 'web'].map((one) => stage.load({ url: stage.bed.haproxy.url(one), ratePerSecond: 60 })),
  );
  const answer = await act();
  return { answer, reports: await Promise.all(loads.map((load) => load.stop())) };
}

const endOf = (
  status: { steps: Record<string, { startedAt?: string; endedAt?: string }> },
  pattern: RegExp,
  which: 'startedAt' | 'endedAt',
) =>
  Object.entries(status.steps)
    .filter(([id]) => pattern.test(id))
    .map(([, step]) => Date.parse(step[which]!));

test('refuses to begin while a service that others depend on does not run', async () => {
  const { result } = await releaseTo({}, 'failed');
  expect(result.cause).toMatchObject({
    code: 'preflight-failed',
    message: expect.stringContaining('cache, which api depends on, is not running: docker compose up -d cache'),
  });
  expect((await instancesOf(name)).filter((one) => one.revision !== undefined)).toEqual([]);
  await compose('up', '-d', 'cache');
});

test('brings services up in the order of what they depend on, and leaves the others alone', async () => {
  const [cache] = await instancesOf(name);
  const { status } = await releaseTo({}, 'released');
  expect(Math.max(...endOf(status, /^store\/probe/, 'endedAt'))).toBeLessThanOrEqual(
    Math.min(...endOf(status, /^api\/launch/, 'startedAt')),
  );
  expect(Math.max(...endOf(status, /^api\/swap/, 'endedAt'))).toBeLessThanOrEqual(
    Math.min(...endOf(status, /^web\/launch/, 'startedAt')),
  );
  expect(await versions()).toEqual({ store: ['1'], api: ['1', '1'], web: ['1', '1'] });
  expect((await instancesOf(name)).find(({ id }) => id === cache!.id)?.pid).toBe(cache!.pid);
  await expectSettled();
});

test('the command line shows what runs, and what it writes', async () => {
  const { out } = await belay(stage, 'ps', '--json');
  const { services: seen } = JSON.parse(out) as { services: ServiceNow[] };
  const inTraffic = { state: 'running', traffic: 'in', inFlight: 0 };
  expect(seen).toMatchObject([
    { service: 'api', head: 2, wanted: 2, instances: [inTraffic, inTraffic] },
    { service: 'store', head: 2, wanted: 1, instances: [{ state: 'running' }] },
    { service: 'web', instances: [inTraffic, inTraffic] },
  ]);
  const logs = await belay(stage, 'logs', 'api', '-n', '5');
  expect(logs).toMatchObject({ code: 0, out: expect.stringMatching(new RegExp(`^${name}-api-r2-1 \\| .`)) });
  expect(logs.out).toContain(`${name}-api-r2-2 | `);
  expect(await belay(stage, 'logs', 'apo')).toMatchObject({
    code: 2,
    err: expect.stringContaining('did you mean api?'),
  });
});

test('changes nothing while something outside of the release does not answer as it has to', async () => {
  const needs = [
    { http: 'http://cache:8080/none', within: '1s' },
    { tcp: 'cache:1', within: '1s', required: false },
  ];
  write({ ...services, api: { ...services.api, needs } });
  const before = await instancesOf(name);
  const { result, status } = await releaseTo({ versions: { api: '2' } }, 'failed');
  expect(result.cause).toMatchObject({
    code: 'preflight-failed',
    message: 'api needs http http://cache:8080/none: answered 404, not 200, for 1s',
  });
  expect(Object.keys(status.steps).filter((id) => /launch|pull/.test(id) && status.steps[id]?.startedAt)).toEqual([]);
  expect((await instancesOf(name)).map(({ id }) => id).sort()).toEqual(before.map(({ id }) => id).sort());
  write();
  await expectSettled();
});

test('goes back when something outside of the release dies while the new version is in traffic', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'belay-redis-'));
  const password = 'only-the-host-knows';
  const redis = await startRedis({ dir, password, user: { name: 'shop', password } });
  writeFileSync(join(stage.platform.folder, '.env'), `REDIS_PASSWORD=${password}\n`, { mode: 0o600 });
  const needs = [{ redis: `redis://:\${REDIS_PASSWORD}@127.0.0.1:${redis.port}`, within: '1s' }];
  write({ ...services, api: { ...services.api, needs, strategy: { kind: 'rolling', pause_after: 1 } } });
  const handle = await stage.release({ versions: { api: '2' } });
  const { steps } = await untilWaiting(handle, 'approval');
  expect(steps['api/validate/needs']?.state).toBe('done');
  await redis.stop();
  const { outcome, cause } = await handle.result();
  expect({ outcome, cause }).toMatchObject({
    outcome: 'failed',
    cause: {
      code: 'need-lost',
      message: `api needs redis redis://:\${REDIS_PASSWORD}@127.0.0.1:${redis.port}: connection refused, for more than 3s`,
    },
  });
  expect(await versionsOf('api')).toEqual(['1', '1']);
  write();
  await expectSettled();
  rmSync(dir, { recursive: true });
});

test('changes what has changed, and leaves alone what already runs so; commands on the host say that it is right', async () => {
  const before = await instancesOf(name);
  const told = program('up', `http://\${process.env.BELAY_ADDRESS}/api/ping`);
  const asked = program('order', new URL('/api/ping', stage.bed.haproxy.url('api')).href);
  const byCommand = { command: ['./up', '2'], where: 'host', every: '100ms', timeout: '5s', within: '20s' };
  write({ ...services, api: { ...services.api, health: { ready: byCommand }, needs: [{ command: ['./up'] }] } }, [
    { name: 'order', command: ['./order', '2'] },
  ]);
  const logs = follow(stage, 'logs', 'api', '--follow', '-n', '1');
  await waitFor({ what: 'the log of what runs', until: async () => logs.out().includes(`${name}-api-`) });
  const { status } = await releaseTo({ versions: { api: '2' } }, 'released');
  await waitFor({ what: 'the log of what came', until: async () => logs.out().includes('started version 2') });
  expect(await logs.interrupt()).toBe(0);
  expect(status.steps['platform/test/after/order']).toMatchObject({ state: 'done', note: 'ended with 0' });
  const replaced = (await instancesOf(name)).filter((one) => one.name.startsWith(`${name}-api-`));
  const places = replaced.map((one) => [one.name, `127.0.0.1:${one.port}`]);
  expect(told()).toEqual(expect.arrayContaining(places));
  expect(new Set(told().map(([instance]) => instance))).toEqual(new Set([null, ...places.map(([one]) => one)]));
  expect(asked()).toEqual([[null, null]]);
  write();
  expect(status.plan?.services.filter((one) => one.unchanged).map((one) => one.service)).toEqual(['store', 'web']);
  const kept = before.filter((one) => !one.name.startsWith(`${name}-api-`)).map(({ id }) => id);
  expect((await instancesOf(name)).map(({ id }) => id)).toEqual(expect.arrayContaining(kept));
  await expectSettled();
});

test('takes all services back when one fails, but for the one that writes to a volume', async () => {
  const impatient = { ...services.web, health: { ready: { ...ready, within: '2s' } } };
  write({ ...services, web: impatient });
  const { reports } = await underLoad(() => releaseTo({ versions: { ...all('3'), web: 'never' } }, 'failed'));
  write();
  for (const report of reports) expectNoneFailed(report);
  expect(await versions()).toEqual({ store: ['3'], api: ['2', '2'], web: ['1', '1'] });
  await expectSettled();
});

test('takes back what all services of a release have changed if the platform fails a test at its end', async () => {
  const http = new URL('/api/ping', stage.bed.haproxy.url('api')).href;
  write(services, [
    { name: 'serves', when: ['during'], http, every: '200ms' },
    { name: 'version', when: ['before', 'after'], http, json: { version: '2' } },
  ]);
  const { reports, answer } = await underLoad(() =>
    releaseTo({ versions: { store: '3', api: '3', web: '1' } }, 'failed'),
  );
  write();
  for (const report of reports) expectNoneFailed(report);
  const { result, status } = answer;
  expect(result.cause).toMatchObject({
    code: 'smoke-failed',
    step: 'platform/test/after/version',
    message: 'version: version is "3", not "2"',
  });
  const tests = ['before/version', 'during/serves'].map((id) => status.steps[`platform/test/${id}`]?.state);
  expect(tests).toEqual(['done', 'cancelled']);
  expect(await versions()).toEqual({ store: ['3'], api: ['2', '2'], web: ['1', '1'] });
  await expectSettled();
});

test('takes back what a closed release has changed once the whole platform turns bad', async () => {
  const http = new URL('/live', stage.bed.haproxy.url('api')).href;
  write(services, [{ name: 'alive', later: '1h', every: '200ms', http }]);
  await releaseTo({ services: ['api'], versions: { api: '3' } }, 'released');
  write();
  const revision = await headOf(stage.platform);
  const bad = (await instancesOf(name)).filter((one) => one.name.startsWith(`${name}-api-`));
  await Promise.all(
    bad.map(({ port }) => fetch(`http://127.0.0.1:${port}/ill`, { method: 'POST', headers: { connection: 'close' } })),
  );
  const of = (id: string) => stage.platform.client.workflow.getHandle(id);
  const at = `${name}/platform/api-r${revision}@${stage.platform.host}`;
  expect(await of(`watch/${at}`).result()).toContain('alive: roll back: 1 measurement failed');
  expect(await of(`rollback/${at}`).result()).toMatchObject({ outcome: 'reverted' });
  expect(await versions()).toEqual({ store: ['3'], api: ['2', '2'], web: ['1', '1'] });
  await expectSettled();
});

test('releases a part, and probes what depends on it afterwards', async () => {
  const { status } = await releaseTo({ services: ['api'], versions: { api: '3' } }, 'released');
  const probes = Object.keys(status.steps).filter((id) => id.startsWith('api/probe/web/'));
  expect(probes).toHaveLength(2);
  expect(status.plan?.services.map((one) => one.service)).toEqual(['api']);
  expect(await versions()).toEqual({ store: ['3'], api: ['3', '3'], web: ['1', '1'] });
});

test('waits for the end of the release that runs, or lets it roll back first, as asked', async () => {
  const paused = { ...services.api, strategy: { kind: 'rolling', pause_after: 1 } };
  write({ ...services, api: paused });
  const atGate = async (api: string, more: Partial<ReleaseRequest> = {}) => {
    const handle = await stage.release({ versions: { store: '3', api, web: '1' }, ...more });
    return { handle, gate: () => untilRelease(handle, 'the gate', ({ waiting }) => waiting.some(isApproval)) };
  };
  const first = await atGate('1');
  await first.gate();
  const queued = await atGate('2', { when_running: 'queue' });
  await untilRelease(queued.handle, 'in the queue', ({ waiting }) => waiting.some((one) => one.kind === 'queued'));
  await first.handle.say('approve', { by: 'ana' });
  expect((await first.handle.result()).outcome).toBe('released');
  await queued.gate();
  const next = await atGate('3', { when_running: 'replace' });
  expect((await queued.handle.result()).outcome).toBe('rolled-back');
  await next.gate();
  await next.handle.say('approve', { by: 'ana' });
  expect((await next.handle.result()).outcome).toBe('released');
  expect(await versionsOf('api')).toEqual(['3', '3']);
  await expectSettled();
});

const isApproval = ({ kind }: { kind: string }): boolean => kind === 'approval';

test('drains and stops a service that the spec names no more, after the plan has said so', async () => {
  const { web, ...others } = services;
  write(others);
  const { reports, answer } = await underLoad(() => releaseTo({ versions: { store: '3', api: '3' } }, 'released'));
  expect(answer.status.plan?.services.filter((one) => one.removed).map((one) => one.service)).toEqual(['web']);
  expectNoneFailed(reports[0]!);
  expect(await versions()).toEqual({ store: ['3'], api: ['3', '3'], web: [] });
  await releaseTo({ versions: { store: '3', api: '3' } }, 'unchanged');
  await expectSettled();
  const back = await stage.platform.belay.rollback({ platform: name, services: ['web'] });
  expect((await back.result()).outcome).toBe('reverted');
  expect(await versionsOf('web')).toEqual(['1', '1']);
});
