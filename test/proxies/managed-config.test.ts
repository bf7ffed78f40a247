import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fingerprintOf, idleConfig, managedConfig } from '../../src/proxies/haproxy/managed/config';
import { holderOptions } from '../../src/proxies/haproxy/managed/containers';
import type { ManagedRoute } from '../../src/proxies/haproxy/managed/route';
import { refuseLongPaths, unitPaths, unitsOf } from '../../src/proxies/haproxy/managed/unit';

const paths = { socket: '/b/0/admin.sock', stateFile: '/b/server-state', setsFile: '/b/sets.map' };
const route = (over: Partial<ManagedRoute> & { service: string }): ManagedRoute => {
  const names = { backend: over.service, networks: { net: [over.service] } };
  return { ...names, port: 8080, protocol: 'http', slots: 4, ...over };
};
const api = route({ service: 'api', readyPath: '/ready' });
const grpc = route({ service: 'orchestrator', port: 50_052, protocol: 'grpc' });
const redis = route({ service: 'redis', port: 6_379, protocol: 'tcp' });
const textOf = (...routes: ManagedRoute[]) => managedConfig({ ...paths, routes });
const linesOf = (text: string, section: string) =>
  text
    .split('\n\n')
    .find((part) => part.startsWith(`${section}\n`))
    ?.trim()
    .split('\n    ')
    .slice(1);

describe('the configuration of a managed proxy', () => {
  test('leads the port of a service to its instances, found by name and checked', () => {
    const text = textOf(api);
    expect(linesOf(text, 'frontend port-8080')).toEqual([
      'bind :8080',
      'use_backend api-wait if { connslots(api) ge 0 }',
      'use_backend api',
    ]);
    expect(linesOf(text, 'backend api')).toEqual([
      'option redispatch 1',
      'option forwardfor if-none',
      'option httpchk',
      'http-check send meth GET uri /ready ver HTTP/1.1 hdr host 127.0.0.1',
      'http-check expect status 200',
      'timeout check 2000ms',
      'retry-on conn-failure empty-response response-timeout',
      'http-request disable-l7-retry unless { method GET HEAD OPTIONS TRACE PUT DELETE }',
      'server wait abns@api-wait send-proxy-v2 maxconn 10000 maxqueue 1 backup',
      'default-server check inter 2s fastinter 100ms downinter 100ms fall 2 rise 1 observe layer4 error-limit 1 on-error mark-down',
      'server-template s 1-4 free.invalid:8080 resolvers docker resolve-prefer ipv4 resolve-opts allow-dup-ip init-addr last,none disabled',
    ]);
  });

  test('listens over IPv6 too where the kernel has it', () => {
    const text = managedConfig({ ...paths, routes: [{ ...api, hold: 0 }], ipv6: true });
    expect(linesOf(text, 'frontend port-8080')).toEqual(['bind :8080', 'bind [::]:8080 v6only', 'use_backend api']);
  });

  test('lets requests wait at the same servers while none of them is up', () => {
    const lines = linesOf(textOf(api), 'backend api-wait');
    expect(lines).toEqual(
      expect.arrayContaining([
        'retries 60',
        'http-request deny deny_status 503 hdr Retry-After 5 if { be_conn(api-wait) gt 10000 }',
        'default-server check inter 100ms fall 2 rise 1 maxconn 250',
        linesOf(textOf(api), 'backend api')?.at(-1),
        'server hold 127.0.0.1:1 no-check maxconn 0 backup',
      ]),
    );
    expect(lines?.join()).not.toContain('retry-on');
    expect(linesOf(textOf({ ...api, hold: 2_400 }), 'backend api-wait')).toContain('retries 5');
  });

  test('lets nobody wait where that is asked for', () => {
    expect(linesOf(textOf({ ...api, hold: 0 }), 'frontend port-8080')).toEqual(['bind :8080', 'use_backend api']);
  });

  test('asks what the readiness check asks, as long as that may take', () => {
    const other = { ...api, readyStatus: 204, readyPort: 9_000, readyTimeout: 5_000 };
    for (const backend of ['api', 'api-wait']) {
      const lines = linesOf(textOf(other), `backend ${backend}`);
      expect(lines).toEqual(expect.arrayContaining(['http-check expect status 204', 'timeout check 5000ms']));
      expect(lines?.find((line) => line.startsWith('default-server'))).toMatch(/ port 9000$/);
    }
  });

  test('asks with the headers of the readiness check', () => {
    const text = textOf({ ...api, readyHeaders: { host: 'shop.example.com' } });
    for (const backend of ['api', 'api-wait'])
      expect(linesOf(text, `backend ${backend}`)).toEqual(
        expect.arrayContaining([
          'option httpchk',
          'http-check send meth GET uri /ready ver HTTP/1.1 hdr host shop.example.com',
        ]),
      );
  });

  test.each([
    ['all', ['retry-on conn-failure empty-response response-timeout']],
    ['none', ['retry-on conn-failure']],
  ] as const)('sends %s again where that is asked for', (resend, expected) => {
    const lines = linesOf(textOf({ ...api, resend }), 'backend api');
    expect(lines?.filter((line) => /retry/.test(line))).toEqual(expected);
  });

  test('tells the service who its client is as it is asked to', () => {
    const linesFor = (over: Partial<ManagedRoute>) => linesOf(textOf({ ...api, ...over }), 'backend api-wait')?.join();
    expect(linesFor({ clientAddress: 'none' })).not.toMatch(/forwardfor|send-proxy/);
    const tcp = linesFor({ protocol: 'tcp', clientAddress: 'proxy-protocol' });
    expect(tcp).toContain('maxconn 250 send-proxy');
    expect(tcp).not.toContain('forwardfor');
    // HAProxy's check says so by itself at the port of the traffic, and nowhere else.
    const asked = (over: Partial<ManagedRoute>) =>
      linesFor({ clientAddress: 'proxy-protocol', readyPort: 9_000, ...over });
    expect(asked({})).not.toContain('check-send-proxy');
    expect(asked({ readyProxied: true })).toContain('port 9000 send-proxy check-send-proxy');
  });

  test('keeps a client at one instance by a cookie or by its address, also while requests wait', () => {
    const linesFor = (sticky: 'cookie' | 'source', backend: string) =>
      linesOf(textOf({ ...api, backend: 'shop.api', sticky }), `backend ${backend}`);
    for (const backend of ['shop.api', 'shop.api-wait']) {
      expect(linesFor('cookie', backend)).toEqual(
        expect.arrayContaining([
          'cookie BELAY-shop_api insert indirect nocache dynamic httponly',
          'dynamic-cookie-key shop_api',
        ]),
      );
      expect(linesFor('source', backend)).toEqual(expect.arrayContaining(['balance source', 'hash-type consistent']));
    }
  });

  test('speaks HTTP/2 to instances of a gRPC service, and nothing but TCP to those of a TCP service', () => {
    const text = textOf(api, grpc, redis);
    for (const backend of ['orchestrator', 'orchestrator-wait'])
      expect(linesOf(text, `backend ${backend}`)?.find((line) => line.startsWith('default-server'))).toMatch(
        /proto h2$/,
      );
    expect(linesOf(text, 'frontend port-6379')).toContain('mode tcp');
    expect(linesOf(text, 'backend redis')).toContain('mode tcp');
    expect(linesOf(text, 'backend redis')?.join()).not.toContain('retry-on');
  });

  test('leads a route with two sets to the one that the map names, blue until it names one', () => {
    const text = textOf({ ...api, sets: 2 });
    const live = 'str(api),map(/b/sets.map,api-blue)';
    expect(linesOf(text, 'frontend port-8080')).toEqual([
      'bind :8080',
      `use_backend api-blue-wait if { ${live} -m str api-blue } { connslots(api-blue) ge 0 }`,
      `use_backend api-green-wait if { ${live} -m str api-green } { connslots(api-green) ge 0 }`,
      `use_backend %[${live}]`,
    ]);
    expect(linesOf(text, 'backend api-blue')).toEqual(linesOf(text.replaceAll('green', 'blue'), 'backend api-blue'));
  });

  test('says by its description what it is, and changes it with every line', () => {
    expect(fingerprintOf(textOf(api))).toMatch(/^[0-9a-f]{16}$/);
    expect(fingerprintOf(textOf(api))).toBe(fingerprintOf(textOf({ ...api })));
    expect(fingerprintOf(textOf({ ...api, slots: 5 }))).not.toBe(fingerprintOf(textOf(api)));
    expect(fingerprintOf(idleConfig(paths))).not.toBe(fingerprintOf(textOf(api)));
  });

  test('is one that HAProxy takes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'belay-managed-'));
    try {
      const own = { socket: join(folder, 'a.sock'), stateFile: join(folder, 'state'), setsFile: join(folder, 'map') };
      const web = route({
        service: 'web',
        port: 3_000,
        sets: 2,
        sticky: 'cookie',
        readyPath: '/',
        readyPort: 9_000,
        readyHeaders: { 'x-a': "it's 100% $HOME" },
      });
      const lines = { ...redis, service: 'lines', backend: 'lines', port: 6_000, sticky: 'source' as const };
      const source = { ...lines, backend: 'source', port: 6_001, clientAddress: 'proxy-protocol' as const };
      writeFileSync(own.setsFile, '');
      for (const text of [
        managedConfig({
          ...own,
          routes: [api, web, { ...grpc, readyPath: '/', clientAddress: 'proxy-protocol' }, redis, source],
        }),
        idleConfig(own),
      ]) {
        writeFileSync(join(folder, 'haproxy.cfg'), text);
        const check = () =>
          execFileSync('/usr/sbin/haproxy', ['-c', '-q', '-f', join(folder, 'haproxy.cfg')], { stdio: 'pipe' });
        expect(check).not.toThrow();
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the units of a managed proxy', () => {
  const published = { ...api, hostPort: 80 };

  test('are one a service, so that a change of one leaves the others alone', () => {
    const admin = route({ service: 'api', backend: 'api-admin', port: 8081 });
    expect(unitsOf([api, grpc, admin])).toEqual([
      { name: 'api', routes: [api, admin] },
      { name: 'orchestrator', routes: [grpc] },
    ]);
  });

  test('publish a port at the address of the host that is asked for alone', () => {
    const key = { home: '/b', platform: 'shop', name: 'edge' };
    const bindingsOf = (hostAddress?: string | string[]) => {
      const unit = { name: 'api', routes: [{ ...published, hostAddress }] };
      const options = holderOptions({ key, unit, paths: unitPaths(key, 'api'), image: 'haproxy:3', generation: 0 });
      return options.HostConfig?.PortBindings;
    };
    expect(bindingsOf('127.0.0.1')).toEqual({ '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '80' }] });
    expect(bindingsOf(['127.0.0.1', '::1'])).toEqual({
      '8080/tcp': [
        { HostIp: '127.0.0.1', HostPort: '80' },
        { HostIp: '::1', HostPort: '80' },
      ],
    });
    expect(bindingsOf()).toEqual({ '8080/tcp': [{ HostIp: '', HostPort: '80' }] });
  });

  test('have paths with room for sockets, whatever the names are, as long as the home leaves it', () => {
    const key = { home: '/var/lib/belay', platform: 'p'.repeat(40), name: 'edge' };
    const services = ['api', 's'.repeat(100), 'S'.repeat(100)];
    const folders = services.map((service) => unitPaths(key, service).folder);
    expect(new Set(folders).size).toBe(3);
    for (const service of services) {
      expect(() => refuseLongPaths(key, service)).not.toThrow();
      expect(unitPaths(key, service).master(99).length).toBeLessThanOrEqual(90);
    }
    expect(unitPaths({ ...key, platform: 'shop' }, 'api').folder).toBe('/var/lib/belay/proxies/shop/edge/api');
  });

  test('refuse a path that is too long for a socket', () => {
    const key = { home: `/${'long/'.repeat(20)}`, platform: 'shop', name: 'edge' };
    expect(() => refuseLongPaths(key, 'api')).toThrow(expect.objectContaining({ code: 'input-invalid' }));
  });
});

test('a readiness of HTTP is asked by HTTP/1.1 also where requests are gRPC', () => {
  const text = textOf({ ...grpc, readyPath: '/health', readyPort: 8081 });
  expect(text).toContain('http-check connect proto h1\n    http-check send meth GET uri /health');
  expect(text).toContain(' port 8081 proto h2\n');
  expect(textOf({ ...api, readyPath: '/health' })).not.toContain('http-check connect');
  const proxied = { ...grpc, readyPath: '/health', clientAddress: 'proxy-protocol' as const };
  expect(textOf(proxied)).toContain('http-check connect send-proxy proto h1\n');
  expect(textOf({ ...proxied, readyPort: 8081 })).toContain('http-check connect proto h1\n');
  expect(textOf({ ...proxied, readyPort: 8081, readyProxied: true })).toContain(
    'http-check connect send-proxy proto h1\n',
  );
});
