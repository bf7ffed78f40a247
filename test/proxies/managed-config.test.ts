import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fingerprintOf, idleConfig, managedConfig } from '../../src/proxies/managed/config';
import { holderOptions } from '../../src/proxies/managed/containers';
import type { ManagedRoute } from '../../src/proxies/managed/route';
import { backendsByUnit, unitPaths, unitsOf } from '../../src/proxies/managed/unit';

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
    expect(linesOf(text, 'frontend port-8080')).toEqual(['bind :8080', 'use_backend api']);
    expect(linesOf(text, 'backend api')).toEqual([
      'retry-on conn-failure empty-response response-timeout',
      'option redispatch 1',
      'option httpchk GET /ready',
      'http-check expect status 200',
      'default-server check inter 300ms fall 2 rise 1 observe layer4 error-limit 1 on-error mark-down',
      'server-template s 1-4 free.invalid:8080 resolvers docker resolve-prefer ipv4 resolve-opts allow-dup-ip init-addr last,none disabled',
    ]);
  });

  test('listens over IPv6 too where the kernel has it', () => {
    const text = managedConfig({ ...paths, routes: [api], ipv6: true });
    expect(linesOf(text, 'frontend port-8080')).toEqual(['bind :8080', 'bind [::]:8080 v6only', 'use_backend api']);
  });

  test('speaks HTTP/2 to instances of a gRPC service, and nothing but TCP to those of a TCP service', () => {
    const text = textOf(api, grpc, redis);
    expect(linesOf(text, 'backend orchestrator')?.find((line) => line.startsWith('default-server'))).toMatch(
      /proto h2$/,
    );
    expect(linesOf(text, 'frontend port-6379')).toContain('mode tcp');
    expect(linesOf(text, 'backend redis')).toContain('mode tcp');
    expect(linesOf(text, 'backend redis')?.join()).not.toContain('retry-on');
  });

  test('tells two services on one port apart by the host that is asked for', () => {
    const web = route({ service: 'web', networks: { net: ['web', 'Shop'] } });
    expect(linesOf(textOf(api, web), 'frontend port-8080')).toEqual([
      'bind :8080',
      'use_backend api if { req.hdr(host),host_only,lower -m str api } || { req.hdr(host),lower,word(1,.:) -m str api }',
      'use_backend web if { req.hdr(host),host_only,lower -m str web shop } || { req.hdr(host),lower,word(1,.:) -m str web shop }',
      'default_backend nobody',
    ]);
  });

  test('refuses two services that a connection could not tell apart, and says the way out', () => {
    const other = route({ service: 'cache', port: 6_379, protocol: 'tcp' });
    expect(() => textOf(redis, other)).toThrow(
      expect.objectContaining({
        code: 'spec-invalid',
        message: expect.stringMatching(/redis and cache .* 6379/),
        hint: expect.stringContaining('managed proxy of its own'),
      }),
    );
    expect(() => textOf(api, route({ service: 'api', backend: 'again' }))).toThrow(
      expect.objectContaining({ code: 'spec-invalid' }),
    );
  });

  test('leads a route with two sets to the one that the map names, blue until it names one', () => {
    const text = textOf({ ...api, sets: 2 });
    expect(linesOf(text, 'frontend port-8080')).toContain('use_backend %[str(api),map(/b/sets.map,api-blue)]');
    expect(linesOf(text, 'backend api-blue')).toEqual(linesOf(text, 'backend api-green'));
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
      const web = route({ service: 'web', sets: 2 });
      writeFileSync(own.setsFile, '');
      for (const text of [managedConfig({ ...own, routes: [api, web, grpc, redis] }), idleConfig(own)]) {
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

  test('hold services together that share a published port', () => {
    const web = route({ service: 'web', hostPort: 80 });
    const joined = unitsOf([published, grpc, web]);
    expect(joined.map(({ name, routes }) => [name, routes.length])).toEqual([
      ['api', 2],
      ['orchestrator', 1],
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

  test('refuse what cannot be: a backend of two routes, a published port for two ports, a path too long', () => {
    const invalid = expect.objectContaining({ code: 'spec-invalid' });
    expect(() => backendsByUnit(unitsOf([api, { ...grpc, backend: 'api' }]))).toThrow(invalid);
    expect(() => unitsOf([published, route({ service: 'web', port: 3000, hostPort: 80 })])).toThrow(invalid);
    const key = { home: `/${'long/'.repeat(20)}`, platform: 'shop', name: 'edge' };
    expect(() => unitPaths(key, 'api')).toThrow(expect.objectContaining({ code: 'input-invalid' }));
  });
});
