import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plan } from '../../activities/planning/release';
import type { Plan } from '../../src/model/plan';
import { adaptersOf } from '../fakes/adapters';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeProxy } from '../fakes/fake-proxy';
import { fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';
import { composeLabels, runs } from '../fakes/running';

const compose = `services:
  api: { image: 'shop/api:1', labels: { traefik.enable: 'true' } }
  nginx: { image: nginx, volumes: ['./nginx.conf:/etc/nginx/nginx.conf:ro'] }
  prometheus: { image: prom/prometheus, volumes: ['./scrape:/etc/prometheus:ro'] }
`;
const edge = { kind: 'haproxy', managed: true, image: 'haproxy:3' };
const mine = { kind: 'haproxy', socket: '/run/haproxy.sock', config: '/etc/haproxy.cfg' };
const byEdge = { proxy: 'edge', port: 8080 };
const byMine = { proxy: 'mine', backend: 'api', port: 8080 };
const filesFor = (routes: object[], more: object) => ({
  'compose.yaml': compose,
  'nginx.conf': 'http { server { location / { \n proxy_pass http://api:8080; \n } } }',
  'scrape/prometheus.yml': 'scrape_configs: [{ static_configs: [{ targets: ["api:9100"] }] }]',
  'belay.yaml': JSON.stringify({
    platform: 'shop',
    compose: 'compose.yaml',
    proxies: { edge, mine },
    services: { api: { routes, health: { ready: { tcp: 8080 } }, ...more } },
  }),
});

async function planned(routes: object[] = [byEdge], more = {}): Promise<Plan> {
  const home = mkdtempSync(join(tmpdir(), 'belay-around-'));
  const folder = join(home, 'specs', 'shop');
  mkdirSync(join(folder, 'scrape'), { recursive: true });
  for (const [name, text] of Object.entries(filesFor(routes, more))) writeFileSync(join(folder, name), text);
  const runtime = fakeRuntime();
  for (const image of ['shop/api:1', 'haproxy:3']) runtime.addImage(image);
  await runs(runtime, { name: 'shop-api-1', image: 'shop/api:1', labels: composeLabels() });
  runtime.setListening('shop-api-1', { tcp: [8080, 9100, 9229], udp: [] });
  const servers = { api: ['s1', 's2'], 'api-blue': ['s1', 's2'], 'api-green': ['s1', 's2'] };
  const proxy = fakeProxy({ backends: servers, sets: { api: { live: 'api-blue', idle: 'api-green' } } });
  const deps = fakeDeps({ home, runtime, specs: [join(home, 'specs')], proxyOf: adaptersOf(() => proxy) });
  try {
    return await runActivity(plan(deps), { platform: 'shop' });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

test('a plan says what the proxy’s name cuts off, who leads past it, and who keeps an address; its drains say what they count', async () => {
  const { warnings, steps } = await planned();
  expect(warnings.filter((one) => one.startsWith('api: '))).toEqual(
    expect.arrayContaining([
      expect.stringContaining(
        'prometheus (scrape/prometheus.yml) connects to it at port 9100, to which no route leads',
      ),
      expect.stringContaining('its instances listen on port 9229, to which no route leads'),
      expect.stringContaining(
        'Traefik sends requests directly to its instances (label traefik.enable), past proxy edge',
      ),
      expect.stringContaining('nginx (nginx, nginx.conf) looks its name up once'),
    ]),
  );
  expect(steps.find((step) => step.kind === 'drain')).toMatchObject({ leaders: ['Traefik'] });
});

test.each([
  ['only through a proxy of the user’s own', [byMine], 1],
  ['also through the one that Belay runs, which has its name', [byMine, byEdge], 0],
])('a plan says that others cannot reach a service by its name: %s', async (_where, routes, said) => {
  const { warnings } = await planned(routes);
  expect(warnings.filter((one) => one.includes('and not by its name'))).toHaveLength(said);
});

test.each([
  [{ strategy: { kind: 'recreate' } }, 1],
  [{ strategy: { kind: 'recreate' }, drain: { deadline: '2s' } }, 0],
  [{}, 0],
])('a plan says that connections of tcp keep new ones waiting, where nobody else serves: %j', async (more, said) => {
  const { warnings } = await planned([{ ...byEdge, protocol: 'tcp' }], more);
  expect(warnings.filter((one) => one.includes('write a shorter drain.deadline'))).toHaveLength(said);
});

const live = { ready: { tcp: 8080 }, live: { tcp: 8080 } };

test('a plan watches the liveness of new instances', async () => {
  const { steps } = await planned([byEdge], { health: live });
  expect(steps.find(({ id }) => id === 'api/validate/up')).toMatchObject({ live: { tcp: 8080, failures: 3 } });
});
