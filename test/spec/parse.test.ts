import { formatSpecErrors, parseSpec } from '../../src/spec/parse';
import { dockerServices, type Spec } from '../../src/spec/spec';
import { badSpecs } from './bad-specs';

const file = 'belay.yaml';

function accepted(text: string): Spec {
  const result = parseSpec({ text, file });
  if ('errors' in result) throw new Error(formatSpecErrors(result.errors));
  return result.spec;
}

function refused(text: string): string {
  const result = parseSpec({ text, file });
  return 'errors' in result ? formatSpecErrors(result.errors) : '';
}

test.each(badSpecs)('refuses $name, in exact words', ({ yaml, message }) => {
  expect(refused(yaml)).toBe(message);
});

test.each(['$USER:$PASSWORD', `ops:\${PASSWORD:?missing}`, `\${TOKEN}`])(
  'takes %s in the address of a Prometheus',
  (credentials) => {
    const prometheus = { url: `http://${credentials}@prometheus:9090`, query: 'up', max: 1 };
    const validate = JSON.stringify([{ name: 'rate', prometheus }]);
    const { services } = accepted(`platform: shop\nservices:\n  api: { image: shop/api:1, validate: ${validate} }\n`);
    expect(services.api?.validate).toMatchObject([{ prometheus }]);
  },
);

test('has a name of its own for every bad spec', () => {
  expect(new Set(badSpecs.map((one) => one.name)).size).toBe(badSpecs.length);
});

test('takes the smallest spec and fills in every default', () => {
  expect(accepted('platform: shop\nservices:\n  api: { image: shop/api:1 }\n')).toEqual({
    platform: 'shop',
    hosts: { local: { ports: { first: 20000, last: 20999 }, starts: 5 } },
    proxies: {},
    services: {
      api: {
        image: 'shop/api:1',
        backup: [],
        jobs: [],
        routes: [],
        strategy: { kind: 'rolling', surge: 1, unavailable: 0 },
        health: {},
        drain: { deadline: 30_000, at_deadline: 'proceed' },
        stop: {},
        shared_volumes: false,
        keep: 3,
        needs: [],
        validate: [],
      },
    },
    validate: [],
  });
});

test('takes a spec that says everything, with durations in milliseconds', () => {
  const { services, hosts, proxies } = accepted(`
# yaml-language-server: $schema=./node_modules/belay-deploy/schema.json
platform: shop
hosts: { local: { ports: 21000-21999 } }
proxies:
  edge: { kind: haproxy, socket: "tcp://127.0.0.1:9999", config: /etc/haproxy.cfg, master: /run/master.sock }
  inside: { kind: none }
services:
  api:
    image: registry.example.com/shop/api:2.4.1
    env: { PORT: "8080", URL: "\${URL}" }
    volumes: ["assets:/assets:ro"]
    instances: 4
    routes:
      - { proxy: edge, backend: api, port: 8080 }
      - { proxy: edge, backend: admin, port: 8081 }
    strategy: { kind: rolling, surge: 50%, unavailable: 1, pause_after: 1 }
    health:
      ready: { http: /ready, port: 8080, json: { up: true, since: null }, every: 500ms, timeout: 1.5s, healthy: 3, within: 2m, grace: 0s }
    drain: { deadline: 4h, at_deadline: hold }
    stop: { signal: SIGINT, grace: 1m }
    keep: 5
    on_failure: hold
    validate: [{ name: smoke, when: [before, after], http: /ping, status: 204, timeout: 1s }]
  worker: { image: shop/worker:1, health: { ready: { docker: true } } }
`);
  expect(hosts.local.ports).toEqual({ first: 21000, last: 21999 });
  expect(Object.keys(proxies)).toEqual(['edge', 'inside']);
  expect(services.api).toMatchObject({
    health: { ready: { every: 500, timeout: 1500, within: 120_000, grace: 0, json: { since: null } } },
    drain: { deadline: 14_400_000 },
    stop: { grace: 60_000 },
    validate: [{ timeout: 1000 }],
  });
});

test('takes a service left open beside a Compose file', () => {
  expect(
    dockerServices(accepted('platform: shop\ncompose: compose.yaml\nservices: { api: {} }\n')).api?.image,
  ).toBeUndefined();
});

test("takes of a route through a HAProxy of the user's own that its connections begin with the PROXY protocol", () => {
  const proxies = 'proxies: { edge: { kind: haproxy, socket: /run/haproxy.sock, config: /etc/haproxy/haproxy.cfg } }';
  const route = '{ proxy: edge, port: 80, client_address: proxy-protocol }';
  const { services } = accepted(`platform: shop\n${proxies}\nservices:\n  api: { image: a/b:1, routes: [${route}] }\n`);
  expect(services.api?.routes[0]).toMatchObject({ client_address: 'proxy-protocol' });
});

test('takes anchors, JSON and Windows line ends', () => {
  expect(dockerServices(accepted('platform: &name shop\r\nservices:\r\n  api: { image: *name }\r\n')).api?.image).toBe(
    'shop',
  );
  expect(accepted('{"platform": "shop", "services": {"api": {"image": "shop/api:1"}}}').platform).toBe('shop');
});

test('takes a service by the name of a member of every object', () => {
  expect(Object.keys(accepted('platform: shop\nservices:\n  constructor: { image: a:1 }\n').services)).toEqual([
    'constructor',
  ]);
  const route = 'platform: shop\nservices:\n  api: { image: a:1, routes: [{ proxy: constructor, port: 80 }] }\n';
  expect(refused(route)).toContain('there is no proxy constructor');
});

test('says everything at once: of the YAML, the schema, what is not built and what cannot be', () => {
  const text = `platfrom: shop
gates: []
proxies:
  edge: { kind: haproxy, socket: /run/h.sock }
services:
  api:
    image: shop/api:1
    image: shop/api:2
    routes: [{ proxy: edge, port: eighty }, { proxy: egde, port: 80 }]
    instances: 2
    strategy: { kind: rolling, pause_after: 2 }
    keep: 0
  db: { strategy: { kind: recreate } }
`;
  const places = refused(text)
    .split('\n')
    .map((line) => line.split(': ')[0]);
  expect(places).toEqual([
    'belay.yaml:1:1 platfrom',
    'belay.yaml:2:1 gates',
    'belay.yaml:4:3 proxies.edge.config',
    'belay.yaml:8:5 services.api.image',
    'belay.yaml:9:35 services.api.routes[0].port',
    'belay.yaml:9:54 services.api.routes[1].proxy',
    'belay.yaml:11:45 services.api.strategy.pause_after',
    'belay.yaml:12:11 services.api.keep',
    'belay.yaml:13:3 services.db.image',
  ]);
});

test('does not say what may only follow from another mistake', () => {
  expect(refused('platform: shop\nservices:\n  api: { imgae: shop/api:1 }\n').split('\n')).toHaveLength(1);
  expect(
    refused(
      'platform: shop\nproxies: { edge: { kind: caddy } }\nservices:\n  api: { image: a:1, routes: [{ proxy: edge, port: 80 }] }\n',
    ).split('\n'),
  ).toHaveLength(1);
  expect(
    refused(
      'platform: shop\nservices:\n  api: { image: a:1, routes: [{ proxi: edge, port: 80 }], validate: [{ name: a, http: / }] }\n',
    ).split('\n'),
  ).toHaveLength(1);
});

test('says the same thing of a damaged file once', () => {
  const errors = refused('['.repeat(3000)).split('\n');
  expect(new Set(errors).size).toBe(errors.length);
});

test('shortens a long value in a message', () => {
  expect(refused(`platform: shop\nservices:\n  api: { image: a:1, instances: ${'x'.repeat(500)} }\n`)).toBe(
    `belay.yaml:3:33 services.api.instances: takes a number, not the text "${'x'.repeat(39)}…"`,
  );
});
