import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAtLeast } from '../../src/checks/engine';
import { toldOnce } from '../../src/cli/doctor';
import { bad, type Check, ok } from '../../src/cli/doctor/check';
import { containerChecks } from '../../src/cli/doctor/proxies/managed';
import { renderChecks } from '../../src/cli/render/checks';
import { createLedger } from '../../src/hosts/ledger';
import type { ExaminedContainer } from '../../src/proxies/haproxy/managed';
import { freePort, type Haproxy, startHaproxy, startTemporal, type Temporal } from '../../testbed';
import { http, serving } from '../contracts/probe-contract';
import { desired } from '../hosts/support';
import { belay, plain } from './support';

const dir = mkdtempSync(join(tmpdir(), 'belay-doctor-'));
let haproxy: Haproxy;
let temporal: Temporal;

beforeAll(async () => {
  // Gone instances are waited for too long, and there are few slots.
  const options = { backend: ['default-server check inter 5s'], defaults: ['timeout connect 30s'] };
  haproxy = await startHaproxy({ dir: join(dir, 'haproxy'), backends: [{ name: 'api', slots: 2 }], options });
  temporal = await startTemporal({ dir: join(dir, 'temporal') });
});

afterAll(async () => {
  await temporal?.stop();
  await haproxy?.stop();
  rmSync(dir, { recursive: true });
});

/** The checks of a project with this spec, each as one text. */
async function examine(spec: string, files: Record<string, string> = {}, address = temporal.address) {
  const cwd = mkdtempSync(join(dir, 'project-'));
  for (const [name, text] of Object.entries({ 'belay.yaml': spec, ...files })) writeFileSync(join(cwd, name), text);
  const { code, out } = await belay(['doctor', '--json'], {
    cwd,
    env: { BELAY_HOME: join(dir, 'home'), TEMPORAL_ADDRESS: address },
  });
  const { checks } = JSON.parse(out) as { checks: Check[] };
  const of = (name: string) => checks.filter((one) => one.name === name);
  return {
    code,
    checks,
    of,
    text: checks.map((one) => [one.state, one.name, one.text, ...one.todo].join('\n')).join('\n'),
  };
}

const spec = (service: string) => `platform: shop
proxies:
  edge: { kind: haproxy, socket: ${haproxy.socketPath}, config: ${haproxy.configPath} }
services:
  api: { image: "shop/api:1", ${service} }
`;

test('sees what is fit: engine, Compose, flock, ledger, disk, spec, ports, HAProxy, Temporal', async () => {
  const { of } = await examine(spec('routes: [{ proxy: edge, port: 8080 }]'));
  for (const name of ['engine', 'compose', 'flock', 'ledger', 'disk', 'spec', 'compose file', 'ports', 'temporal']) {
    expect({ name, states: of(name).map((one) => one.state) }).toEqual({
      name,
      states: expect.arrayContaining(['ok']),
    });
  }
  expect(of('proxy edge')[0]).toMatchObject({
    state: 'ok',
    text: expect.stringMatching(/^HAProxy \S+ answers at .*, level admin$/),
  });
  expect(of('temporal')[0]?.text).toBe(`${temporal.address}, namespace default`);
});

test('says first of all that released instances are missing here', async () => {
  const home = join(dir, 'home');
  const own = createLedger({ home }).of({ platform: 'lost', service: 'api' });
  const released = desired({ routes: [] });
  await own.writePending({ task: { kind: 'run' }, number: 1, desired: released, by: '', reason: '', release: 'r' });
  await own.setState(1, 'recorded');
  await own.setHead(1);
  const { checks, code } = await examine('platform: lost\nservices: { api: { image: "shop/api:1" } }\n');
  rmSync(home, { recursive: true });
  expect(checks[0]).toMatchObject({
    name: 'instances',
    state: 'bad',
    text: `api: none of the ${released.instances} instances of revision 1 runs`,
    todo: [expect.stringContaining('belay restart --service api')],
  });
  expect(code).toBe(2);
});

test('prints the lines that HAProxy lacks, and which of them a release cannot do without', async () => {
  const { code, of } = await examine(
    spec('instances: 4, routes: [{ proxy: edge, port: 8080 }, { proxy: edge, backend: more, port: 8081 }]'),
  );
  const proxy = of('proxy edge');
  const bad = proxy.filter((one) => one.state === 'bad');
  expect(bad.flatMap((one) => one.lines).join('\n')).toContain(
    'server-template s 3-5 app.invalid:8080 init-addr last,127.0.0.1 disabled',
  );
  expect(bad.map((one) => one.text).join('\n')).toContain('no backend more');
  const warned = proxy.filter((one) => one.state === 'warn').flatMap((one) => one.lines);
  expect(warned).toContain('timeout connect 500ms');
  expect(code).toBe(2);
});

test('says that HAProxy has not read its file since a backend was added', async () => {
  const before = readFileSync(haproxy.configPath, 'utf8');
  writeFileSync(haproxy.configPath, before.replaceAll('backend api', 'backend other'));
  const { of, code } = await examine(spec('routes: [{ proxy: edge, backend: other, port: 8080 }]')).finally(() =>
    writeFileSync(haproxy.configPath, before),
  );
  expect(of('proxy edge')).toContainEqual(
    expect.objectContaining({
      state: 'bad',
      text: `the running HAProxy has no backend other, and ${haproxy.configPath} has: it was not reloaded since`,
    }),
  );
  expect(code).toBe(2);
});

test('says everything that is wrong at once', async () => {
  const taken = await freePort();
  const holder = createServer().listen(taken, '127.0.0.1');
  await once(holder, 'listening');
  const wrong = `platform: shop
compose: compose.yaml
hosts: { local: { ports: ${taken}-${taken + 3} } }
proxies:
  gone: { kind: haproxy, socket: /nowhere/a.sock, config: /nowhere/haproxy.cfg }
services:
  api: { instances: 3, routes: [{ proxy: gone, port: 8080 }] }
`;
  const { code, text } = await examine(wrong, {
    'compose.yaml': 'services: { api: { image: a, volumes_from: ["container:one"], ports: ["80:80"] } }\n',
  });
  holder.close();
  expect(code).toBe(2);
  expect(text).toContain('services.api.volumes_from');
  expect(text).toContain('services.api.ports: remove it');
  expect(text).toContain('HAProxy does not answer at /nowhere/a.sock');
  expect(text).toContain('/nowhere/haproxy.cfg cannot be read (ENOENT)');
  expect(text).toContain('a release of all services may need 4');
  expect(text).toContain('belay: no worker polls this task queue');
});

test('asks what the services need, from where a release asks, and says what can be done without', async () => {
  const there = await freePort();
  const server = createServer().listen(there, '127.0.0.1');
  await once(server, 'listening');
  const needs = `[{ tcp: "127.0.0.1:\${PORT}" }, { tcp: "127.0.0.1:1" }, { redis: "redis://:word@cache:6379", required: false }]`;
  const { code, of } = await examine(
    `platform: shop\ncompose: compose.yaml\nservices: { api: { needs: ${needs} } }
validate: [{ name: smoke, http: "http://\${SHOP_AT_NO_PLACE}/", status: [2xx, 3xx, 4xx, 5xx] }]\n`,
    {
      'compose.yaml': 'services: { api: { image: a }, cache: { image: redis } }\n',
      '.env': `PORT=${there}\n`,
    },
  );
  server.close();
  expect(of('needs').map(({ state, text }) => [state, text])).toEqual([
    ['ok', `api needs tcp 127.0.0.1:\${PORT}: it answers`],
    ['bad', 'api needs tcp 127.0.0.1:1: connection refused'],
    [
      'warn',
      'api needs redis redis://:***@cache:6379: none of its containers runs on a network of api; it is not required',
    ],
  ]);
  expect(of('spec').find(({ state }) => state === 'warn')?.text).toContain('validate: test smoke takes every status');
  expect(of('tests')).toMatchObject([{ state: 'bad', text: 'validate[0].http: SHOP_AT_NO_PLACE is not set' }]);
  expect(code).toBe(2);
});

test('asks the platform’s tests that only read, the commands of needs, and names commands that cannot be started', async () => {
  const seen: unknown[] = [];
  const shop = http(({ method, url }, response) => {
    seen.push(`${method} ${url}`);
    response.writeHead(url === '/gone' ? 404 : 200).end();
  });
  const { of } = await serving(shop, (port) => {
    const at = (path: string) => `http://127.0.0.1:${port}${path}`;
    const spec = {
      platform: 'shop',
      compose: 'compose.yaml',
      services: {
        api: {
          health: { ready: { command: ['./up'], where: 'host' } },
          needs: [{ command: ['sh', '-c', 'echo "$BELAY_SERVICE alone"; exit 3'] }],
        },
      },
      validate: [
        { name: 'home', http: at('/') },
        { name: 'head', when: ['before'], http: at('/head'), method: 'HEAD' },
        { name: 'gone', http: at('/gone') },
        { name: 'order', http: at('/order'), method: 'POST' },
        { name: 'pay', command: ['sh', '-c', 'touch paid'] },
        { name: 'load', prometheus: { url: at(''), query: 'up', min: 1 } },
      ],
    };
    return examine(JSON.stringify(spec), { 'compose.yaml': 'services: { api: { image: a } }\n' });
  });
  const said = (name: string) => of(name).map(({ state, text }) => [state, text]);
  expect(said('tests')).toEqual([
    ['ok', 'the platform passes now: home, head'],
    ['warn', 'test gone of the platform: answered 404, not 200'],
  ]);
  expect(seen.sort()).toEqual(['GET /', 'GET /gone', 'HEAD /head']);
  expect(said('needs')).toEqual([
    ['bad', 'api needs command sh -c echo "$BELAY_SERVICE alone"; exit 3: ended with 3: api alone'],
  ]);
  expect(of('needs')[0]!.todo).toEqual([expect.stringContaining('run it by hand in the folder')]);
  expect(said('command')).toEqual([
    ['bad', expect.stringMatching(/^belay\.yaml:1:\d+ services\.api\.health\.ready\.command: \.\/up is not there$/)],
  ]);
});

test('says that the image of a proxy that Belay runs cannot be had, and takes its ports from the Compose file for granted', async () => {
  const { of } = await examine(
    `platform: shop
compose: compose.yaml
proxies: { edge: { kind: haproxy, managed: true, image: "127.0.0.1:1/haproxy:3" } }
services: { api: { routes: [{ proxy: edge, port: 80 }] } }
`,
    { 'compose.yaml': 'services: { api: { image: a, ports: ["80:80"] } }\n' },
  );
  expect(of('proxy edge')).toMatchObject([{ state: 'bad', text: expect.stringContaining('127.0.0.1:1/haproxy:3') }]);
  expect(of('compose file')).toMatchObject([{ state: 'ok' }]);
});

test('says of a HEALTHCHECK that it cannot fail, where a release waits for it', async () => {
  const { of } = await examine(
    'platform: shop\ncompose: compose.yaml\nservices: { api: { health: { ready: { docker: true } } } }\n',
    { 'compose.yaml': 'services: { api: { image: a, healthcheck: { test: "exit 0" } } }\n' },
  );
  expect(of('compose file')).toMatchObject([
    { state: 'ok' },
    { state: 'warn', text: expect.stringContaining('services.api.healthcheck cannot fail (exit 0)') },
  ]);
});

test.each<[string, Partial<ExaminedContainer>[], [string, string][]]>([
  [
    'one that serves',
    [{ serves: true, version: '3.2.1', current: true }],
    [['ok', 'api: HAProxy 3.2.1 serves in api-0']],
  ],
  [
    'one of another image, with another configuration',
    [{ serves: true, version: '2.8.0', current: false, image: 'former' }],
    [
      ['ok', 'api: HAProxy 2.8.0 serves in api-0'],
      ['bad', 'api: api-0 runs another configuration than its file'],
      ['warn', 'api: api-0 is of another image'],
    ],
  ],
  [
    'a second HAProxy that is dead',
    [{}, { container: 'api-1', holder: false, running: false }],
    [['bad', 'api: no HAProxy serves: api-1, its second HAProxy, is not running']],
  ],
  ['none that runs', [{ running: false }], [['bad', 'api: no HAProxy serves']]],
])("of a managed proxy's containers it sees %s", (_, containers, said) => {
  const own = { container: 'api-0', unit: 'api', running: true, holder: true, image: 'wanted', serves: false };
  const checks = containerChecks(
    containers.map((one) => ({ ...own, ...one })),
    { title: 'proxy edge', tag: 'wanted' },
  );
  expect(checks.map(({ state, text }) => [state, text])).toEqual(said);
});

test('of a managed proxy it sees that somebody has removed the only container', () => {
  const [found] = containerChecks([], { title: 'proxy edge', tag: 'wanted', begun: ['api'] });
  expect(found).toMatchObject({ state: 'bad', todo: ['belay release makes it anew'] });
});

test.each([
  ['ended', false, 'docker start api-0'],
  ['hangs', true, 'docker restart api-0'],
])(
  'the way out for a managed proxy whose container %s is no release, which has to ask it first',
  (_, running, todo) => {
    const own = { container: 'api-0', unit: 'api', holder: true, image: 'wanted', serves: false, running };
    expect(containerChecks([own], { title: 'proxy edge' })).toMatchObject([{ state: 'bad', todo: [todo] }]);
  },
);

test('a spec that is wrong is told with every error, beside what else is wrong', async () => {
  const { of, code } = await examine('platform: shop\nservices: { api: { instnces: 1, image: 7 } }\n');
  expect(of('spec')[0]).toMatchObject({
    state: 'bad',
    text: expect.stringContaining('2 things are wrong'),
    todo: [expect.stringContaining('belay.yaml:2'), expect.any(String)],
  });
  expect(of('temporal')).toHaveLength(1);
  expect(code).toBe(2);
});

test('says that Temporal is out of reach', async () => {
  const { of } = await examine(spec('instances: 1'), {}, '127.0.0.1:1');
  expect(of('temporal')).toMatchObject([
    { state: 'bad', text: 'Temporal does not answer at 127.0.0.1:1' },
    { state: 'ok', text: expect.stringMatching(/^belay serve would start .*temporal$/) },
  ]);
});

test('changes nothing', async () => {
  const proxyNow = async () => [readFileSync(haproxy.configPath, 'utf8'), ...(await serverStates())];
  const before = await proxyNow();
  await examine(spec('routes: [{ proxy: edge, port: 8080 }]'));
  expect(await proxyNow()).toEqual(before);
  expect(readdirSync(dir)).not.toContain('home');
});

/** Without the seconds since the last change of each. */
async function serverStates(): Promise<string[]> {
  const lines = (await haproxy.runtime('show servers state')).split('\n').map((line) => line.split(' '));
  const clock = lines.find(([first]) => first === '#')!.indexOf('srv_time_since_last_change') - 1;
  return lines.map((fields) => fields.filter((_, index) => index !== clock).join(' '));
}

test('shows a line a check, what to do below it, and a sentence at the end', () => {
  const checks: Check[] = [
    { name: 'engine', state: 'ok', text: 'Docker Engine 27', todo: [] },
    { name: 'disk', state: 'warn', text: 'little', todo: ['make room'], lines: ['rm x'] },
  ];
  expect(renderChecks(checks, plain)).toBe(
    '✓ engine  Docker Engine 27\n! disk    little\n          → make room\n              rm x\n\nfit: nothing must be done; 1 worth a look',
  );
  const wrong: Check = { name: 'spec', state: 'bad', text: 'wrong', todo: [] };
  expect(renderChecks([...checks, wrong], plain)).toMatch(/✗ spec.*\n\n1 to fix; 1 worth a look$/);
});

test.each([
  ['2.20.0', true],
  ['2.26.1-4', true],
  ['3.0', true],
  ['2.9.1', false],
  ['1.29.2', false],
])('Compose %s is new enough: %s', (version, expected) => expect(isAtLeast(version, [2, 20])).toBe(expected));

test('tells once that the engine does not answer, whatever else needs it', () => {
  const engine = bad('engine', 'it does not answer');
  const others = [bad('proxy edge', 'it does not answer'), bad('image', 'it does not answer'), ok('flock', '2.38')];
  expect(toldOnce([...others, engine]).map(({ name }) => name)).toEqual(['flock', 'engine']);
  expect(toldOnce(others)).toEqual(others);
  expect(toldOnce([...others, ok('flock', '2.38')])).toEqual(others);
});
