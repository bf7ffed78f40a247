import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { haproxyFacts } from '../../src/cli/init/haproxy';
import { parseSpec } from '../../src/spec/parse';
import { projectFolder } from '../compose/folder';
import { belay } from './support';

const compose = `services:
  api:
    image: shop/api:1
    expose: ["8080"]
  db:
    image: postgres:15
    volumes: [data:/var/lib/postgresql/data]
volumes: { data: {} }
`;

const haproxy = `global
  stats socket /run/a.sock mode 660 level user
  stats socket "/run/b.sock" mode 660 level admin   # this one
backend api
backend web
listen stats
`;

let project: ReturnType<typeof projectFolder>;
afterEach(() => project.remove());

const spec = () => {
  const result = parseSpec({ text: readFileSync(join(project.folder, 'belay.yaml'), 'utf8'), file: 'belay.yaml' });
  if ('errors' in result) throw new Error(JSON.stringify(result.errors));
  return result.spec;
};

test('writes a spec from the Compose file, as Compose reads it, and the HAProxy named', async () => {
  project = projectFolder({ 'docker-compose.yml': compose, 'haproxy.cfg': haproxy });
  const { code, out } = await belay(['init', '--haproxy', 'haproxy.cfg', '--platform', 'shop'], {
    cwd: project.folder,
  });
  expect(code).toBe(0);
  expect(out).toContain('docker-compose.yml: api; 1 left out, belay.yaml says why');
  expect(out).toContain('backends api, web, stats');
  expect(out).toContain('→ belay doctor');
  expect(spec()).toMatchObject({
    platform: 'shop',
    compose: ['docker-compose.yml'],
    proxies: { edge: { kind: 'haproxy', socket: '/run/b.sock', config: join(project.folder, 'haproxy.cfg') } },
    services: { api: { routes: [{ proxy: 'edge', backend: 'api', port: 8080 }] } },
  });
});

test('finds out what kind of services they are, as Compose reads them', async () => {
  project = projectFolder({
    'compose.yaml': `services:
  store:
    image: shop/store:1
    volumes: [data:/data, "./seed:/seed:ro"]
    healthcheck: { test: "curl -f http://localhost/ || exit 1" }
  migrate: { image: "shop/api:1", restart: "no" }
  cache: { image: "redis:7" }
  api:
    image: shop/api:1
    ports: ["8080:80"]
    deploy: { replicas: 2 }
    healthcheck: { test: ["CMD", "python", "-c", "print('OK')"] }
    depends_on:
      migrate: { condition: service_completed_successfully }
      cache: { condition: service_started }
volumes: { data: {} }
`,
  });
  const { out } = await belay(['init', '--platform', 'shop'], { cwd: project.folder });
  expect(out).toContain('compose.yaml: api, store; 2 left out, belay.yaml says why; with writable volumes: store');
  expect(spec().services).toMatchObject({
    api: {
      strategy: { kind: 'rolling' },
      health: { ready: { tcp: 80 } },
      routes: [{ proxy: 'edge', port: 80 }],
    },
    store: { strategy: { kind: 'recreate' }, health: { ready: { docker: true } } },
  });
  const text = readFileSync(join(project.folder, 'belay.yaml'), 'utf8');
  expect(text).toContain("cannot fail (python -c print('OK'))");
  expect(text).toContain('The proxy publishes 8080 in its place');
  expect(spec().proxies).toMatchObject({ edge: { kind: 'haproxy', managed: true } });
  expect(out).toMatch(/no HAProxy of yours \(.*\): Belay runs one/);
  expect(text).toContain('# instances: 2');
  expect(text).toContain('# DOWNTIME: it writes to data:/data, so');
  expect(text).toContain('# migrate is left out: it ends by itself, and api waits for its end');
  expect(text).toContain('# cache is left out: redis:7 is a cache');
  expect(text).toContain('depends_on');
});

test('asks the path of a HEALTHCHECK itself where Docker asks it too seldom', async () => {
  const check = (times: string) => `{ test: "curl -f http://localhost:3000/healthz || exit 1"${times} }`;
  const one = (times: string) => `{ image: a, expose: ["3000"], healthcheck: ${check(times)} }`;
  project = projectFolder({
    'compose.yaml': `services:
  slow: ${one(', interval: 60s, timeout: 15s')}
  usual: ${one('')}
  short: ${one(', interval: 5s')}
  other: { image: a, expose: ["3000"], healthcheck: { test: /check, interval: 60s } }
`,
  });
  await belay(['init', '--platform', 'shop'], { cwd: project.folder });
  const ready = Object.fromEntries(Object.entries(spec().services).map(([name, { health }]) => [name, health.ready]));
  expect(ready).toMatchObject({
    slow: { http: '/healthz', port: 3000 },
    usual: { http: '/healthz', port: 3000 },
    short: { docker: true },
    other: { docker: true },
  });
  expect(readFileSync(join(project.folder, 'belay.yaml'), 'utf8')).toContain('Docker asks first after 1m');
});

test('reads whom configuration files ask, who leads requests past a proxy, and who keeps an address', async () => {
  project = projectFolder({
    'compose.yaml': `services:
  api: { image: "shop/api:1", expose: ["8080"], labels: { traefik.enable: "true" } }
  prometheus: { image: "prom/prometheus:3", volumes: ["./prometheus.yml:/etc/prometheus/prometheus.yml:ro"] }
  web: { image: "nginx:1", volumes: ["./conf.d:/etc/nginx/conf.d:ro"] }
`,
    'prometheus.yml': 'scrape_configs: [{ static_configs: [{ targets: ["api:9100"] }] }]',
    'conf.d/site.conf': 'server {\n  location / {\n    proxy_pass http://api:8080;\n  }\n}\n',
  });
  await belay(['init', '--platform', 'shop'], { cwd: project.folder });
  expect(spec().services.api?.routes.map(({ port }) => port)).toEqual([8080, 9100]);
  const text = readFileSync(join(project.folder, 'belay.yaml'), 'utf8');
  expect(text).toContain('# NOT DRAINED: Traefik sends requests directly to its instances (label traefik.enable)');
  expect(text).toMatch(/# To send them through a managed proxy: .*http:\/\/api:8080/);
  expect(text).toContain(
    '# web looks api up once and keeps the address (conf.d/site.conf): after the first release, docker compose exec web nginx -s reload',
  );
});

test('says what of the Compose file has to change first', async () => {
  project = projectFolder({
    'compose.yaml': 'services: { api: { image: a, volumes_from: ["container:one"], ports: ["8080:80"] } }\n',
  });
  const { out } = await belay(['init', '--json'], { cwd: project.folder });
  expect(JSON.parse(out)).toMatchObject({
    type: 'init',
    todo: [expect.stringContaining('compose.yaml services.api.volumes_from')],
  });
});

test('leaves to Compose what a release would refuse, with the reason, so that the others can be released', async () => {
  project = projectFolder({
    'compose.yaml': `services:
  api: { image: a, ports: ["8080:80"] }
  twice: { image: a, ports: ["8081:80", "8082:80"] }
  hooked: { image: a, volumes_from: [api] }
  sealed: { image: a, secrets: [key] }
secrets: { key: { external: true } }
`,
  });
  const { out } = await belay(['init', '--json'], { cwd: project.folder });
  expect(JSON.parse(out)).toMatchObject({
    todo: [],
    found: [expect.stringMatching(/: api; 3 left out/), expect.any(String)],
  });
  expect(Object.keys(spec().services)).toEqual(['api']);
  const text = readFileSync(join(project.folder, 'belay.yaml'), 'utf8');
  expect(text).toMatch(/# twice is left out: compose.yaml:3 services.twice.ports: /);
  expect(text).toMatch(/# hooked is left out: compose.yaml:4 services.hooked.volumes_from: /);
  expect(text).toMatch(/# sealed is left out: compose.yaml\S* secrets.key.external: /);
});

test('keeps ports that a HAProxy of the user is to have', async () => {
  project = projectFolder({
    'compose.yaml': 'services: { api: { image: a, ports: ["8080:80"] } , web: { image: b } }\n',
    'haproxy.cfg': haproxy,
  });
  const { out } = await belay(['init', '--json', '--haproxy', 'haproxy.cfg'], { cwd: project.folder });
  expect(JSON.parse(out)).toMatchObject({ todo: [expect.stringContaining('services.api.ports')] });
  expect(Object.keys(spec().services)).toEqual(['api', 'web']);
});

test('never writes over a spec without --force', async () => {
  project = projectFolder({ 'belay.yaml': 'platform: mine\n' });
  const init = (...more: string[]) =>
    belay(['init', '--image', 'shop/api:1', '--platform', 'shop', ...more], { cwd: project.folder });
  const { code, err } = await init();
  expect(code).toBe(2);
  expect(err).toContain('is there already');
  expect(readFileSync(join(project.folder, 'belay.yaml'), 'utf8')).toBe('platform: mine\n');
  expect((await init('--force')).code).toBe(0);
  expect(spec()).toMatchObject({ platform: 'shop', services: { shop: { image: 'shop/api:1' } } });
});

test('uses the socket that is named, and asks for one where there is none', async () => {
  project = projectFolder({ 'h.cfg': 'global\nbackend api\n' });
  const init = (...more: string[]) =>
    belay(['init', '--force', '--image', 'a:1', '--haproxy', 'h.cfg', ...more], { cwd: project.folder });
  expect((await init()).out).toContain('h.cfg: add under global: stats socket /run/haproxy/admin.sock level admin');
  await init('--socket', 'own.sock');
  expect(spec().proxies.edge).toMatchObject({ socket: join(project.folder, 'own.sock') });
  await init('--socket', 'tcp://127.0.0.1:9999');
  expect(spec().proxies.edge).toMatchObject({ socket: 'tcp://127.0.0.1:9999' });
});

test('an HAProxy that is named and not there, or a Compose file that is wrong, is told, and nothing is written', async () => {
  project = projectFolder({});
  expect((await belay(['init', '--image', 'a:1', '--haproxy', 'none.cfg'], { cwd: project.folder })).err).toContain(
    'none.cfg is not there',
  );
  writeFileSync(join(project.folder, 'compose.yaml'), 'services: 7\n');
  const { code, err } = await belay(['init'], { cwd: project.folder });
  expect(code).toBe(2);
  expect(err).toContain('compose.yaml: Compose says');
  expect(() => spec()).toThrow('ENOENT');
});

test.each([
  ['stats socket ipv4@127.0.0.1:9999 level admin', 'tcp://127.0.0.1:9999'],
  ['stats socket unix@/run/x.sock level admin', '/run/x.sock'],
  ['stats socket /run/x.sock mode 660', '/run/x.sock'],
  ['stats socket :9999 level admin', undefined],
])('finds in "%s" the socket %s', (line, socket) => {
  project = projectFolder({});
  expect(haproxyFacts(`global\n  ${line}\n`)).toEqual({
    socket,
    isAdmin: socket !== undefined && line.endsWith('admin'),
    backends: [],
  });
});
