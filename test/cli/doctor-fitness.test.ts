import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shortGrace } from '../../src/checks/stop';
import { examineAnyPath } from '../../src/cli/doctor/any-path';
import { examineFitness } from '../../src/cli/doctor/fitness';
import { clockChecks } from '../../src/cli/doctor/temporal';
import type { ComposeService } from '../../src/runtimes/docker/compose/project';
import { labels } from '../../src/runtimes/runtime';
import { parseSpec } from '../../src/spec/parse';
import { projectWith } from '../compose/projects';
import { http, instanceAt, serving } from '../contracts/probe-contract';
import { type FakeRuntime, fakeRuntime } from '../fakes/fake-runtime';

const home = mkdtempSync(join(tmpdir(), 'belay-fitness-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const specOf = (services: object) => {
  const proxies = { edge: { kind: 'haproxy', socket: '/edge', config: '/haproxy.cfg' } };
  const result = parseSpec({ text: JSON.stringify({ platform: 'shop', proxies, services }), file: 'belay.yaml' });
  if ('errors' in result) throw new Error(JSON.stringify(result.errors));
  return result.spec;
};

const routes = [{ proxy: 'edge', port: 8080 }];
const ref = 'registry.example.com/shop/api:2';

/** An engine with one instance of api, and with the next image in its registry. */
async function engineWith(more: Partial<FakeRuntime> = {}): Promise<FakeRuntime> {
  const engine = Object.assign(fakeRuntime(), more);
  engine.publish(ref, `sha256:${'2'.repeat(64)}`);
  engine.addImage('shop/api:1');
  const Labels = { [labels.platform]: 'shop', [labels.service]: 'api', [labels.revision]: '1' };
  await engine.create({ name: 'shop-api-r1-1', template: { Image: 'shop/api:1', Labels } });
  await engine.start('shop-api-r1-1');
  return engine;
}

async function said(engine: FakeRuntime, service: object, compose: ComposeService = {}) {
  const spec = specOf({ api: { image: ref, ...service } });
  const checks = await examineFitness({ engine, home, spec, compose: projectWith({ api: compose }) });
  return checks.map(({ state, text }) => [state, text]);
}

test('what is well is not said', async () => {
  expect(await said(await engineWith(), { routes })).toEqual([]);
});

test('what a release refuses is bad, in its words', async () => {
  const platforms = [{ os: 'linux', machine: 'arm64' }];
  const engine = await engineWith({ describe: async () => ({ platforms, isList: true, download: 1 }) });
  expect(await said(engine, { routes })).toEqual([
    ['bad', `image ${ref} is for linux/arm64, and this engine runs linux/amd64`],
  ]);
});

test('what a release warns of is worth a look, by the times of the spec and of Compose', async () => {
  const engine = await engineWith({ facts: async () => ({ used: 2 ** 50, handles: [] }) });
  const deadline = { drain: { deadline: '2m' } };
  expect(await said(engine, deadline, { stop_grace_period: '5s', stop_signal: 'SIGQUIT' })).toEqual([
    ['warn', expect.stringMatching(/^api: the release runs one more instance for a while, of 1126 TB, and /)],
    ['warn', 'shop-api-r1-1 does not handle SIGQUIT: it is killed after the whole stop.grace, 5 s'],
    ['warn', expect.stringMatching(/^api: work under way has 5 s .* not the 2 min of drain.deadline/)],
  ]);
  expect(await said(await engineWith(), { ...deadline, routes })).toEqual([['warn', `api: ${shortGrace}`]]);
});

test('a worker that Temporal saw in the future tells its clock', () => {
  expect(clockChecks([{ seenAt: 1_000 }, { seenAt: 4_000 }], 3_000)).toEqual([]);
  expect(clockChecks([{ seenAt: 1_000 }, { seenAt: 33_000 }], 3_000)).toMatchObject([
    { state: 'warn', text: expect.stringContaining('the clock of Temporal is 30 s ahead') },
  ]);
});

describe('a readiness check', () => {
  const look = (answers: (url: string) => number, health: object) =>
    serving(
      http(({ url = '' }, response) => void response.writeHead(answers(url)).end()),
      (port) =>
        examineAnyPath({ folder: '/shop', ...specOf({ api: { image: ref, routes, health } }) }, async () => [
          instanceAt(port),
        ]),
    );

  test('that any path answers as well is worth a look', async () => {
    expect(await look(() => 200, { ready: { http: '/ready' } })).toMatchObject([
      {
        state: 'warn',
        text: expect.stringMatching(/^api: .* answers any path as well as \/ready, so the check proves little$/),
      },
    ]);
  });

  test('that only its path answers is well; an instance that is not ready tells nothing', async () => {
    expect(await look((url) => (url === '/ready' ? 200 : 404), { ready: { http: '/ready' } })).toEqual([]);
    expect(await look((url) => (url === '/ready' ? 503 : 200), { ready: { http: '/ready' } })).toEqual([]);
    expect(await look(() => 200, { ready: { tcp: 8080 } })).toEqual([]);
  });
});
