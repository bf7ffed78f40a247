import fc from 'fast-check';
import { BelayError } from '../../src/errors';
import { type ComposeService, initialSpec } from '../../src/spec/init';
import type { NginxUpstream } from '../../src/spec/init/nginx';
import { formatSpecErrors, parseSpec } from '../../src/spec/parse';
import type { Spec } from '../../src/spec/spec';

const haproxy = {
  kind: 'haproxy' as const,
  config: '/etc/haproxy/haproxy.cfg',
  socket: '/run/haproxy/admin.sock',
  backends: ['api'],
};
const nginx = (...upstreams: NginxUpstream[]) => ({ kind: 'nginx' as const, config: '/etc/nginx/belay', upstreams });
const service = (name: string, rest: Partial<ComposeService> = {}): ComposeService => ({
  name,
  image: 'shop/api:1',
  listens: [{ port: 8080, published: [] }],
  writableVolumes: [],
  ...rest,
});
const compose = (...services: ComposeService[]) => ({ file: 'compose.yaml', services });

function read(text: string): Spec {
  const result = parseSpec({ text, file: 'belay.yaml' });
  if ('errors' in result) throw new Error(`${formatSpecErrors(result.errors)}\n${text}`);
  return result.spec;
}

test('writes a spec, with the schema for editors in its first line where there is one', () => {
  const schema = './node_modules/belay-deploy/schema.json';
  const input = { platform: 'shop', compose: compose(service('api', { replicas: 3 })), proxy: haproxy };
  expect(initialSpec(input).startsWith('platform: shop\n')).toBe(true);
  expect(initialSpec({ ...input, schema })).toBe(
    `# yaml-language-server: $schema=./node_modules/belay-deploy/schema.json
platform: shop
compose: compose.yaml   # read as it is; this file adds how its services are released

proxies:
  edge:
    kind: haproxy
    socket: /run/haproxy/admin.sock   # the runtime API, with level admin
    config: /etc/haproxy/haproxy.cfg   # read, never written

# Belay never touches Compose services that are not named here.
services:
  api:
    # instances: 3   # as Compose says
    routes: [{ proxy: edge, backend: api, port: 8080 }]
    health: { ready: { tcp: 8080 } }   # better: { http: /ready, port: 8080 }, which sees more than an open port
`,
  );
});

test('leads each upstream of an nginx to the port of the service at which it has servers', () => {
  const api = service('api', {
    listens: [
      { port: 80, published: ['8080'] },
      { port: 81, published: ['9000-9002'] },
    ],
  });
  const proxy = nginx({ backend: 'api', ports: [1, 8080] }, { backend: 'admin', ports: [9001] });
  const text = initialSpec({ platform: 'shop', compose: compose(api, service('web')), proxy });
  expect(text).toContain('    routes: [{ proxy: web, port: 80 }, { proxy: web, backend: admin, port: 81 }]');
  expect(text).toContain('# No upstream of nginx has servers at ports of web; it leads to api, admin.');
  expect(read(text).proxies).toMatchObject({ web: { kind: 'nginx', config: '/etc/nginx/belay' } });
});

test('advises http in place of the open port, but where something else is proven', () => {
  const advice = (protocol?: 'http' | 'grpc' | 'tcp') =>
    /# better: (.*), which/.exec(
      initialSpec({
        platform: 'shop',
        compose: compose(service('api', { listens: [{ port: 9000, protocol, published: [] }] })),
      }),
    )?.[1];
  expect([undefined, 'http', 'grpc', 'tcp'].map((one) => advice(one as 'http' | undefined))).toEqual([
    '{ http: /ready, port: 9000 }',
    '{ http: /ready, port: 9000 }',
    '{ grpc: 9000 }',
    undefined,
  ]);
});

test('asks Docker where there is a HEALTHCHECK', () => {
  const spec = read(
    initialSpec({ platform: 'shop', compose: compose(service('api', { healthcheck: {} })), proxy: haproxy }),
  );
  expect(spec.services.api?.health.ready).toMatchObject({ docker: true });
});

const minute = 60_000;
const asks = { host: 'localhost:8080', port: 8080, path: '/healthz', exact: false };

test('asks what a slow HEALTHCHECK asks by itself, at a port that it knows, and says why', () => {
  const readyOf = (healthcheck: ComposeService['healthcheck'], more: Partial<ComposeService> = {}) => {
    const text = initialSpec({ platform: 'shop', compose: compose(service('api', { healthcheck, ...more })) });
    return { text, ready: read(text).services.api?.health.ready };
  };
  const { text, ready } = readyOf({ first: minute, asks, within: 2 * minute });
  const headers = { host: 'localhost:8080' };
  expect(ready).toMatchObject({ http: '/healthz', port: 8080, status: ['2xx', '3xx'], headers, within: minute });
  expect(text).toMatch(/http: \/healthz.* # as its HEALTHCHECK asks, which Docker asks first after 1m; Belay asks/);
  const exact = readyOf({ first: minute, asks: { ...asks, exact: true }, startPeriod: minute });
  expect(exact.ready).toMatchObject({ http: '/healthz', within: 1.5 * minute });
  expect(exact.ready).not.toHaveProperty('status', ['2xx', '3xx']);
  const docker = { docker: true, within: 2 * minute };
  const slow = { first: minute, asks, within: 2 * minute };
  expect(readyOf({ ...slow, asks: { ...asks, port: 9090 } }).ready).toMatchObject(docker);
  expect(readyOf(slow, { hostNetwork: true }).ready).toMatchObject(docker);
  expect(readyOf(slow, { offNetwork: true }).ready).toMatchObject(docker);
  expect(readyOf({ ...slow, asks: undefined }).ready).toMatchObject(docker);
});

test('says of another slow HEALTHCHECK what each release waits, and what to write instead', () => {
  const text = (more: Partial<ComposeService>) =>
    initialSpec({ platform: 'shop', compose: compose(service('api', { healthcheck: { first: minute }, ...more })) });
  expect(text({})).toMatch(/# Docker asks first after 1m, so each release waits .* \{ http: \/ready, port: 8080 \}, /);
  expect(text({ listens: [] })).toMatch(
    /# Docker asks first after 1m, .* in the HEALTHCHECK, start_period and start_int/,
  );
  const many = Array.from({ length: 8 }, (_, index) =>
    service(`api${index}`, { healthcheck: { first: minute, ...(index === 0 && { asks }) } }),
  );
  const long = initialSpec({ platform: 'shop', compose: compose(...many) });
  expect(long).toContain('# "Docker asks first after …": each instance of each release waits so long.');
  expect(long).toContain('# health.ready with http asks as the HEALTHCHECK does');
  expect(long).toContain('    health: { ready: { docker: true } }   # Docker asks first after 1m\n');
});

test('leaves a route to be written where no backend has the name of the service', () => {
  const text = initialSpec({ platform: 'shop', compose: compose(service('web')), proxy: haproxy });
  expect(text).toContain('# No backend of the proxy is named web; it has api.');
  expect(read(text).services.web?.routes).toEqual([]);
});

test('says of a health check that cannot fail that it is vacuous, and asks the port instead', () => {
  const text = initialSpec({
    platform: 'shop',
    compose: compose(service('api', { healthcheck: { vacuous: 'echo' } })),
  });
  expect(text).toContain('# Its HEALTHCHECK is vacuous: it cannot fail (echo), so it proves nothing.');
  expect(read(text).services.api?.health.ready).toMatchObject({ tcp: 8080 });
});

test('stops a service that writes to a volume before its new version starts, and warns of the downtime', () => {
  const text = initialSpec({
    platform: 'shop',
    compose: compose(service('store', { writableVolumes: ['data:/data'] })),
  });
  expect(text).toMatch(/# DOWNTIME: it writes to data:\/data, .*the service is down meanwhile/);
  expect(text).toContain('on_failure: hold');
  expect(text).toContain('# If two instances may write there at once: shared_volumes: true in place of strategy');
  expect(read(text).services.store?.strategy).toEqual({ kind: 'recreate' });
});

test('lets two versions share what they may use at once, and says what and why', () => {
  const sharedVolumes = [{ volume: './uploads:/app/uploads', why: 'uploaded or static files' }];
  const text = initialSpec({ platform: 'shop', compose: compose(service('api', { listens: [], sharedVolumes })) });
  expect(text).toContain('at once, so that nothing is down: ./uploads:/app/uploads (uploaded or static files).');
  expect(read(text).services.api).toMatchObject({ shared_volumes: true, strategy: { kind: 'rolling' } });
});

test.each<[string, Partial<ComposeService>, string]>([
  ['a scheduler', { listens: [], traits: { command: ['celery', 'beat'] } }, '# ONE AT A TIME: it runs by the clock'],
  ['the network of the host', { hostNetwork: true, offNetwork: true }, '# DOWNTIME: it has the network of the host'],
])('stops %s before its new version starts', (_, given, said) => {
  const text = initialSpec({ platform: 'shop', compose: compose(service('api', given)), proxy: 'managed' });
  expect(text).toContain(said);
  expect(read(text).services.api).toMatchObject({ strategy: { kind: 'recreate' }, routes: [] });
});

test('says of a service that nothing connects to it, and names a port that is a guess', () => {
  const write = (given: Partial<ComposeService>) =>
    initialSpec({ platform: 'shop', compose: compose(service('api', { listens: [], ...given })), proxy: 'managed' });
  expect(write({})).toContain('# No route: nothing in the Compose file connects to it.');
  expect(write({ maybe: [3000] })).toContain('# No route: only a variable or EXPOSE names port 3000.');
});

test('lets instances share a volume that they share already, and says what to write where that does harm', () => {
  const store = service('store', { writableVolumes: ['data:/data'], replicas: 3 });
  const text = initialSpec({ platform: 'shop', compose: compose(store) });
  expect(text).toContain('# 3 instances write to data:/data, under Compose too.');
  expect(read(text).services.store).toMatchObject({ shared_volumes: true, strategy: { kind: 'rolling' } });
});

test.each([
  [haproxy, 'take ports out of the Compose file, and let a frontend of the proxy listen there.'],
  [
    undefined,
    'let a proxy that Belay runs take them over (proxies: { edge: { kind: haproxy, managed: true } }, and routes here).',
  ],
])('says of a fixed host port how to do without it', (proxy, way) => {
  const text = initialSpec({
    platform: 'shop',
    compose: compose(service('api', { published: ['80', '443'] })),
    proxy: proxy,
  });
  expect(text).toContain('# It publishes 80 and 443 on the host, which two instances cannot have at once:');
  expect(text).toContain(`# ${way}`);
  expect(read(text).services.api).toBeDefined();
});

test('leads each port that others use through a proxy that Belay runs, where there is none of yours', () => {
  const api = service('api', {
    listens: [
      { port: 8080, protocol: 'http', published: ['80'] },
      { port: 50051, published: [] },
      { port: 7000, published: [] },
    ],
    published: ['80'],
  });
  const text = initialSpec({
    platform: 'shop',
    compose: compose(api, service('worker', { listens: [] })),
    proxy: 'managed',
  });
  expect(read(text)).toMatchObject({
    proxies: { edge: { kind: 'haproxy', managed: true } },
    services: {
      api: {
        routes: [
          { proxy: 'edge', port: 8080 },
          { proxy: 'edge', backend: 'api.50051', port: 50051, protocol: 'tcp' },
          { proxy: 'edge', backend: 'api.7000', port: 7000, protocol: 'tcp' },
        ],
      },
      worker: { routes: [] },
    },
  });
  expect(text).toContain('# The proxy publishes 80 in its place.');
  expect(text).toMatch(/port: 50051, protocol: tcp } {3}# nothing proves what it carries, grpc by its usual port/);
});

test.each<[string, Partial<ComposeService>, string]>([
  ['the port that others use', { listens: [], awaited: true }, 'the Compose file names no port'],
  ['a way to a service off the network', { offNetwork: true }, 'no proxy reaches it'],
  [
    'one port of the host for a range',
    { listens: [{ port: 8080, published: ['8000-8010'] }], published: ['8000-8010'] },
    '# NOT PUBLISHED any more: 8000-8010.',
  ],
])('says that it could not find %s', (_, given, said) => {
  const text = initialSpec({ platform: 'shop', compose: compose(service('api', given)), proxy: 'managed' });
  expect(text).toContain(said);
  expect(read(text).services.api).toBeDefined();
});

test('says once where the order of services comes from', () => {
  const text = initialSpec({
    platform: 'shop',
    compose: compose(service('api', { depends: true }), service('web', { depends: true })),
  });
  expect(text.match(/depends_on/g)).toHaveLength(1);
  expect(initialSpec({ platform: 'shop', compose: compose(service('api')) })).not.toContain('depends_on');
});

test('says why a service is left out', () => {
  const migrate = service('migrate', { awaitedBy: ['api', 'web'], image: undefined });
  const text = initialSpec({
    platform: 'shop',
    compose: compose(service('api'), migrate, service('tool', { image: undefined }), service('-api')),
  });
  expect(text).toContain(
    '# migrate is left out: it ends by itself, and api and web wait for its end: a release runs it as a job when what it runs has changed',
  );
  expect(text).toContain('# tool is left out: it has no image; build and push one, and name it in the Compose file');
  expect(text).toContain('# -api is left out: its name begins with a dot or a hyphen, or has more than 100 characters');
  expect(Object.keys(read(text).services)).toEqual(['api']);
});

test('leaves to Compose what has no instances, and stops what publishes UDP before its new version', () => {
  const udp = { udp: ['53'] };
  const stateful = service('names', { ...udp, writableVolumes: ['data:/data'] });
  const off = [service('off', { replicas: 0 }), service('dns', udp), stateful];
  const text = initialSpec({ platform: 'shop', compose: compose(service('My_api.v2'), ...off) });
  expect(text).toContain('# off is left out: the Compose file scales it to 0, so nothing of it runs');
  expect(text).toContain('# DOWNTIME: it publishes 53 over UDP, which one container alone can have');
  expect(read(text).services).toMatchObject({
    'My_api.v2': { strategy: { kind: 'rolling' } },
    dns: { strategy: { kind: 'recreate' } },
    names: { strategy: { kind: 'recreate' } },
  });
});

test.each([
  ['postgres:15', 'database'],
  ['docker.io/bitnami/postgresql:16@sha256:12', 'database'],
  ['registry:5000/mirror/mariadb', 'database'],
  ['mcr.microsoft.com/mssql/server:2022-latest', 'database'],
  ['redis', 'cache'],
  ['rabbitmq:3-management', 'message broker'],
])('leaves %s to Compose, as a %s', (image, what) => {
  const text = initialSpec({
    platform: 'shop',
    compose: compose(service('api'), service('keeper', { image, writableVolumes: ['data:/data'] })),
  });
  expect(text).toContain(`# keeper is left out: ${image} is a ${what}, which Compose keeps running`);
  expect(Object.keys(read(text).services)).toEqual(['api']);
});

test.each(['shop/redis-proxy:1', 'prometheuscommunity/postgres-exporter', 'postgres.example.com/shop/api:1'])(
  'takes %s for no database',
  (image) => expect(read(initialSpec({ platform: 'shop', compose: compose(service('api', { image })) }))).toBeDefined(),
);

test('refuses when no service can be released, and says why', () => {
  const write = () => initialSpec({ platform: 'shop', compose: compose(service('db', { image: undefined })) });
  expect(write).toThrow(BelayError);
  expect(write).toThrow(
    'compose.yaml has no service to release (db: it has no image; build and push one, and name it in the Compose file)',
  );
});

test('writes one service for an image without a Compose file', () => {
  expect(read(initialSpec({ platform: 'shop', image: 'shop/api:2' })).services).toMatchObject({
    shop: { image: 'shop/api:2' },
  });
});

test('makes the name of the platform from that of a folder', () => {
  expect(read(initialSpec({ platform: 'My Shop (2)' })).platform).toBe('my-shop-2');
  expect(read(initialSpec({ platform: '…' })).platform).toBe('platform');
  expect(read(initialSpec({ platform: '2024' })).platform).toBe('2024');
});

test('writes what the parser takes, whatever the project is like', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
  const name = fc.oneof(
    text,
    fc.stringMatching(/^[a-z0-9]{1,8}$/),
    fc.constantFrom('null', 'true', '1e3', 'y', '<<', '__proto__'),
  );
  const project = fc.record({
    platform: text,
    services: fc.array(
      fc.record({
        name,
        image: fc.option(text, { nil: undefined }),
        listens: fc.uniqueArray(
          fc.record({
            port: fc.integer({ min: 1, max: 65535 }),
            protocol: fc.constantFrom('http' as const, 'grpc' as const, 'tcp' as const, undefined),
            published: fc.array(text, { maxLength: 2 }),
          }),
          { maxLength: 3, selector: ({ port }) => port },
        ),
        awaited: fc.boolean(),
        offNetwork: fc.boolean(),
        healthcheck: fc.option(
          fc.record({
            vacuous: fc.option(text, { nil: undefined }),
            first: fc.option(fc.integer({ min: 10_001, max: 1e7 }), { nil: undefined }),
            asks: fc.option(
              fc.record({
                host: fc.constantFrom('localhost', '127.0.0.1:80', '[::1]:8080'),
                port: fc.integer({ min: 1, max: 65535 }),
                path: fc.stringMatching(/^\/[!-~]{0,9}$/),
                exact: fc.boolean(),
              }),
              { nil: undefined },
            ),
          }),
          { nil: undefined },
        ),
        published: fc.array(text, { maxLength: 2 }),
        awaitedBy: fc.array(text, { maxLength: 2 }),
        depends: fc.boolean(),
        replicas: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }),
        writableVolumes: fc.array(text, { maxLength: 1 }),
        sharedVolumes: fc.array(fc.record({ volume: text, why: text }), { maxLength: 2 }),
        maybe: fc.array(fc.integer({ min: 1, max: 65535 }), { maxLength: 1 }),
        hostNetwork: fc.boolean(),
        builds: fc.option(text, { nil: undefined }),
        isBuilt: fc.boolean(),
        udp: fc.array(text, { maxLength: 1 }),
        traits: fc.record({
          command: fc.array(fc.oneof(text, fc.constantFrom('celery', 'beat', 'migrate', 'redis-server'))),
          variables: fc.array(fc.oneof(text, fc.constantFrom('POSTGRES_PASSWORD'))),
          restart: fc.constantFrom('always', 'no', undefined),
        }),
      }),
      { maxLength: 9 },
    ),
    proxy: fc.oneof(
      fc.record({ backends: fc.array(name) }).map((more) => ({ ...haproxy, ...more })),
      fc.record({ backend: name, ports: fc.array(fc.integer({ min: 1, max: 65535 })) }).map((one) => nginx(one)),
      fc.constantFrom('managed' as const, undefined),
    ),
    file: text,
  });
  fc.assert(
    fc.property(project, ({ platform, services, proxy, file }) => {
      const unique = [...new Map(services.map((one) => [one.name, one])).values()];
      const input = {
        platform,
        compose: { file, services: [service('api'), ...unique.filter((one) => one.name !== 'api')] },
      };
      const spec = read(initialSpec({ ...input, proxy: proxy }));
      return spec.services.api !== undefined && spec.compose?.join() === file;
    }),
    { numRuns: 500 },
  );
});
