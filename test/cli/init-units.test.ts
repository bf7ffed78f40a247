import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { groupsOf, instancePort } from '../../src/cli/init/units/group';
import { answeringPath } from '../../src/cli/init/units/health';
import { isOwn, leftOut } from '../../src/cli/init/units/left-out';
import { needsOf } from '../../src/cli/init/units/needs';
import { initialSpec } from '../../src/spec/init';
import type { InitProxy } from '../../src/spec/init/proxies';
import type { UnitService } from '../../src/spec/init/units';
import { belay } from './support';
import { recordedUnit } from './systemd-support';

const ids = ['edu_agents@0', 'edu_agents@1', 'env-manager', 'orchestrator', 'shop-api@9001', 'shop-api@9002'];
const units = ids.map((name) => recordedUnit(name));

test('instances of a template are one service, and a template never takes the name of a unit', () => {
  expect(groupsOf(units).map(({ name, template, units }) => [name, template, units.length])).toEqual([
    ['edu_agents', 'edu_agents@.service', 2],
    ['env-manager', undefined, 1],
    ['orchestrator', undefined, 1],
    ['shop-api', 'shop-api@.service', 2],
  ]);
  const names = ['api', 'api@1', 'odd\\x2dname'].map((name) => recordedUnit('once', { id: `${name}.service` }));
  expect(groupsOf(names).map(({ name }) => name)).toEqual(['api', 'api-template', 'odd-x2dname']);
});

test.each([
  ['shop-api@9001', [9001], { port: 9001, isNamed: true }],
  ['shop-api@9001', [], { port: 9001, isNamed: true }],
  ['shop-api@9001', [7000], { port: 7000, isNamed: false }],
  ['edu_agents@0', [8000], { port: 8000, isNamed: false }],
  ['edu_agents@0', [8000, 9100], { port: 8000, isNamed: false }],
  ['edu_agents@0', [], { port: 8000, isNamed: false }],
  ['edu_agents@0', [1, 2], undefined],
])('%s, which listens at %j, has the port %j', (name, listens, expected) =>
  expect(instancePort(recordedUnit(name), listens)).toEqual(expected),
);

test('the order of services is that of their units', () => {
  expect(needsOf(groupsOf(units))).toEqual({
    edu_agents: [],
    'env-manager': [],
    orchestrator: [{ service: 'env-manager', by: ['Requires=', 'After='] }],
    'shop-api': [{ service: 'env-manager', by: ['After='] }],
  });
});

test('units that want each other make no circle, and the order that systemd keeps comes first', () => {
  const one = (name: string, wants: string[], after: string[]) =>
    recordedUnit('once', { id: `${name}.service`, wants, after, requires: [] });
  const groups = groupsOf([
    one('a', ['b.service'], []),
    one('b', ['c.service'], ['a.service']),
    one('c', ['a.service'], []),
  ]);
  expect(needsOf(groups)).toEqual({
    a: [],
    b: [
      { service: 'a', by: ['After='] },
      { service: 'c', by: ['Wants='] },
    ],
    c: [{ service: 'a', by: ['Wants='] }],
  });
});

test.each([
  ['once', {}, 'it ends by itself'],
  ['nosuch', {}, 'systemd does not have it'],
  ['env-manager', { active: 'failed' }, 'it does not run (failed)'],
  ['env-manager', { id: 'belay-worker.service' }, 'it runs Belay itself'],
  ['env-manager', { command: ['/usr/bin/node', '/usr/lib/node_modules/.bin/belay', 'serve'] }, 'it runs Belay itself'],
])('%s with %j is left out: %s', (name, fields, reason) =>
  expect(leftOut(recordedUnit(name, fields))).toContain(reason),
);

test('units of the distribution are left out without a word', () => {
  expect(units.map(leftOut).filter(Boolean)).toEqual([]);
  expect(units.every(isOwn)).toBe(true);
  expect(isOwn({ file: '/lib/systemd/system/nginx.service', load: 'loaded' })).toBe(false);
  expect(isOwn({ file: '/etc/systemd/system/x.service', load: 'masked' })).toBe(false);
});

test.each([
  [['/health'], '/health'],
  [['/ready', '/health'], '/ready'],
  [['/other'], undefined],
  [['*'], undefined],
])('a service that answers 200 at %j is asked at %s', async (paths, expected) => {
  const server = createServer(({ url }, response) => {
    response.writeHead(paths.includes('*') || paths.includes(url!) ? 200 : 404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    expect(await answeringPath('0.0.0.0', (server.address() as AddressInfo).port)).toBe(expected);
  } finally {
    server.close();
  }
});

const worker: UnitService = {
  name: 'worker',
  unit: 'worker.service',
  program: { kind: 'file', path: '/opt/shop/worker', sha256: 'a'.repeat(64) },
  needs: [{ service: 'api', by: ['After='] }],
  ports: [],
  stopTimeout: 90_000,
  stopSignal: 'SIGINT',
  user: 'shop',
  group: 'shop',
  variables: ['QUEUE'],
  environmentFiles: ['/etc/default/shop'],
};
const api: UnitService = {
  ...worker,
  name: 'api',
  unit: undefined,
  template: { name: 'api@.service', ports: [9001, 9002] },
  program: { kind: 'folder', path: '/srv/api' },
  needs: [],
  ports: [9001],
  stopTimeout: Number.POSITIVE_INFINITY,
  stopSignal: undefined,
  user: '',
  group: '',
  variables: [],
  environmentFiles: [],
};

describe('a first spec', () => {
  const left = [{ unit: 'once.service', reason: 'it ends by itself' }];
  const haproxy: InitProxy = {
    kind: 'haproxy',
    config: '/etc/haproxy/haproxy.cfg',
    socket: '/run/haproxy/admin.sock',
    backends: ['api'],
  };
  const lines = (services: UnitService[], proxy?: InitProxy) =>
    initialSpec({ platform: 'Shop', units: { services, left }, proxy: proxy }).split('\n');

  test('of a unit gives the reason for each choice', () => {
    expect(lines([worker])).toEqual(
      expect.arrayContaining([
        'platform: shop',
        '  worker:',
        '    runtime: systemd',
        '    unit: worker.service   # a release restarts it; a template has no downtime: worker@.service',
        '    # It runs as shop.',
        `      file: "./worker"   # put each build here; what runs now has the SHA-256 ${'a'.repeat(64)}`,
        '      install: /opt/shop/worker   # what ExecStart runs: a release makes it a link to the new version',
        '      group: shop',
        '      mode: "0750"',
        '    # The unit sets QUEUE, /etc/default/shop. To release one of them, write it into env or env_files here.',
        expect.stringContaining('# It listens at no port.'),
        '    stop: { signal: SIGINT, grace: 90s }   # TimeoutStopSec and KillSignal of the unit',
        '    needs: [{ service: api }]   # api by After=',
        '  # once.service is left out: it ends by itself',
      ]),
    );
  });

  test('of a template has its instances and their ports', () => {
    const text = lines([api], haproxy);
    expect(text).toEqual(
      expect.arrayContaining([
        '    template: api@.service',
        '    instances: 2',
        '    ports: [9001, 9002]   # one more, such as 9003, lets a new instance start before an old one stops',
        '    # It runs as root: write User= into the unit.',
        '      folder: "./api"   # put each build here',
        '    routes: [{ proxy: edge, backend: api, port: 9001 }]',
        expect.stringMatching(/^ {4}health: \{ ready: \{ tcp: 9001 \} \} .*9001 stands for the port of each instance$/),
        expect.stringContaining('# TimeoutStopSec=infinity'),
      ]),
    );
    expect(text.join('\n')).not.toMatch(/^ +(group|stop|needs):/m);
  });

  test('of units behind an nginx leads its upstreams to them, a template by one port for all', () => {
    const upstreams = [
      { backend: 'app_servers', ports: [9002] },
      { backend: 'worker', ports: [8443] },
    ];
    const text = lines([api, { ...worker, ports: [8080, 8443] }], {
      kind: 'nginx',
      config: '/etc/nginx/belay',
      upstreams,
    });
    expect(text).toContain('    routes: [{ proxy: web, backend: app_servers, port: 9001 }]');
    expect(text).toContain('    routes: [{ proxy: web, port: 8443 }]');
  });

  test('of a program of the distribution has no artifact', () => {
    const text = lines([{ ...worker, program: undefined, answers: '/health', ports: [8080, 9100] }]).join('\n');
    expect(text).not.toContain('    artifact:');
    expect(text).toContain("its program is the distribution's");
    expect(text).toContain(
      'health: { ready: { http: /health, port: 8080 } }   # it answers 200 there; it also listens at 9100',
    );
  });
});

test('an image and units are one or the other', async () => {
  const { code, err } = await belay(['init', '--image', 'a:1', '--systemd']);
  expect(code).toBe(2);
  expect(err).toContain('cannot be used with');
});
