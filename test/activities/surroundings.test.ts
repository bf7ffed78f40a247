import type { ComposeService } from '../../src/runtimes/docker/compose/project';
import { type Surrounding, surroundings } from '../../src/runtimes/docker/project/surroundings';
import { parseSpec } from '../../src/spec/parse';
import type { Spec } from '../../src/spec/spec';
import { projectWith } from '../compose/projects';
import { type FakeRuntime, fakeRuntime } from '../fakes/fake-runtime';
import { composeLabels, ownLabels, runs } from '../fakes/running';

let runtime: FakeRuntime;
beforeEach(() => {
  runtime = fakeRuntime();
});

const managed = { kind: 'haproxy', managed: true };
const routed = { edge: managed, routes: [{ proxy: 'edge', port: 8080 }] };

function specOf({ edge, routes }: { edge: object; routes: object[] }): Spec {
  const given = { platform: 'shop', compose: 'compose.yaml', proxies: { edge }, services: { api: { routes } } };
  const result = parseSpec({ text: JSON.stringify(given), file: 'belay.yaml' });
  if ('errors' in result) throw new Error(JSON.stringify(result.errors));
  return result.spec;
}

interface World {
  spec?: Spec;
  api?: ComposeService;
  others?: Record<string, ComposeService>;
  more?: object;
  stay?: string[];
}

const found = ({ spec = specOf(routed), api = {}, others = { web: {} }, more, stay }: World): Promise<Surrounding[]> =>
  surroundings({ engine: runtime }, { spec, compose: projectWith({ api, ...others }, more), services: ['api'], stay });

async function listens(tcp: number[], udp: number[] = [], own = false): Promise<void> {
  const [name, labels] = own ? ['shop-api-r1-1', ownLabels({})] : ['shop-api-1', composeLabels()];
  await runs(runtime, { name, image: 'shop/api:1', labels });
  runtime.setListening(name, { tcp, udp });
}

test('a volume that only the image knows of is named, where the Compose file does not name it', async () => {
  await runs(runtime, { name: 'shop-api-1', image: 'shop/api:1', labels: composeLabels() });
  const kept: Pick<FakeRuntime, 'observe' | 'listening'> = {
    observe: async (query) => (await runtime.observe(query)).map((one) => ({ ...one, unnamed: ['/data', '/logs'] })),
    listening: runtime.listening,
  };
  const saidOf = async (volumes: ComposeService['volumes']) => {
    const compose = projectWith({ api: { volumes } });
    const spec = specOf({ edge: managed, routes: [] });
    return await surroundings({ engine: kept }, { spec, compose, services: ['api'] });
  };
  const logs = { type: 'volume', source: 'logs', target: '/logs' };
  expect(await saidOf([logs])).toMatchObject([
    {
      text: expect.stringContaining('its image declares /data as a volume, and the Compose file names none'),
      todo: expect.stringContaining('volumes: [NAME:/data]'),
    },
  ]);
  expect(await saidOf([logs, { type: 'volume', target: '/data' }])).toEqual([]);
});

describe('ports that nobody wrote down', () => {
  test('what Compose has started listens there: what would be cut off is said by port, with the route for it', async () => {
    await listens([8080, 9100, 9200]);
    expect(await found({})).toEqual([
      {
        service: 'api',
        text: 'its instances listen on ports 9100, 9200, to which no route leads: api:9100 refuses connections while proxy edge has the name',
        todo: 'add to its routes, where others need it: { proxy: edge, backend: api.9100, port: 9100, protocol: tcp }, { proxy: edge, backend: api.9200, port: 9200, protocol: tcp }',
      },
    ]);
  });

  test('the routes that are named are ones that a spec may have', async () => {
    await listens([8080, 9100]);
    const [{ todo }] = (await found({})) as [Surrounding];
    const [route] = /\{.*\}/.exec(todo)!;
    const more = JSON.parse(route.replace(/([\w.]+)/g, '"$1"').replace(/"(\d+)"/g, '$1'));
    expect(await found({ spec: specOf({ ...routed, routes: [...routed.routes, more] }) })).toEqual([]);
  });

  test('the head’s instances are looked at as Compose’s are', async () => {
    await listens([9100], [], true);
    expect(await found({})).toMatchObject([{ text: expect.stringContaining('port 9100,') }]);
  });

  test('who asks it is named, whether anything listens there by now or not', async () => {
    const others = { web: { environment: { METRICS: 'http://api:9100/metrics' } } };
    const named = [{ text: expect.stringContaining('web connects to it at port 9100, to which no route leads') }];
    expect(await found({ others })).toMatchObject(named);
    await listens([8080, 9100]);
    expect(await found({ others })).toMatchObject(named);
  });

  test('ports of UDP are said, for no proxy passes them on', async () => {
    await listens([8080], [8125]);
    expect(await found({})).toMatchObject([{ text: expect.stringContaining('port 8125 of UDP') }]);
  });

  test('the plan says where Belay could not look, but not where no instance runs', async () => {
    expect(await found({})).toEqual([]);
    await runs(runtime, { name: 'shop-api-1', image: 'shop/api:1', labels: composeLabels() });
    expect(await found({})).toMatchObject([{ text: expect.stringContaining('Belay could not see where') }]);
  });

  test('nothing is cut off from nobody, nor where no proxy takes the name', async () => {
    await listens([8080, 9100]);
    expect(await found({ others: {} })).toEqual([]);
    expect(await found({ others: { web: { networks: { apart: null } } } })).toEqual([]);
    expect(await found({ spec: specOf({ edge: managed, routes: [] }) })).toEqual([]);
    const theirs = { edge: { kind: 'haproxy', socket: '/s', config: '/c' }, routes: [{ proxy: 'edge', port: 8080 }] };
    expect(await found({ spec: specOf(theirs) })).toEqual([]);
    const networks = { default: { name: 'shared', external: true } };
    expect(await found({ others: {}, more: { networks } })).toHaveLength(1);
  });
});

describe('who else leads traffic', () => {
  const api = { labels: { 'traefik.enable': 'true' } };

  test('past a proxy: what is not counted, and how to lead through it', async () => {
    expect(await found({ api })).toEqual([
      {
        service: 'api',
        text: 'Traefik sends requests directly to its instances (label traefik.enable), past proxy edge: also to an instance that is not ready, and a drain does not count them',
        todo: expect.stringContaining('http://api:8080'),
      },
    ]);
  });

  test('to a service without a route too, or with one of no proxy', async () => {
    const spec = specOf({ edge: managed, routes: [] });
    for (const one of [spec, specOf({ edge: { kind: 'none' }, routes: [{ proxy: 'edge', port: 8080 }] })]) {
      const [said] = await found({ api, spec: one });
      expect(said?.text).not.toContain('past proxy');
      expect(said?.todo).toMatch(/^give it a route through a proxy that Belay runs, then /);
    }
  });
});

describe('who keeps an address', () => {
  const content = 'upstream api {\n  server api:8080;\n}\n';
  const nginx = { image: 'nginx', configs: [{ source: 'site' }] };
  const world = { others: { nginx }, more: { configs: { site: { content } } } };

  test('is named, with the file, and both ways out', async () => {
    expect(await found(world)).toEqual([
      {
        service: 'api',
        text: 'nginx (nginx, site) looks its name up once: after a release that gives the name another address, it keeps using the old one',
        todo: 'let it look the name up regularly before the release (resolver 127.0.0.11 valid=1s; proxy_connect_timeout 1s; set $to api:8080; proxy_pass http://$to;), or reload it right after: docker compose exec nginx nginx -s reload',
      },
    ]);
  });

  test('is in no danger where the address stays', async () => {
    expect(await found({ ...world, stay: ['api'] })).toEqual([]);
  });

  test('is so at each release of a service without a route', async () => {
    expect(await found({ ...world, spec: specOf({ edge: managed, routes: [] }) })).toHaveLength(1);
  });
});

describe('who is tied to its very containers', () => {
  test.each([
    [{ network_mode: 'service:api' }, 'web shares a container with it (network_mode: service:api)'],
    [{ pid: 'container:my_api' }, 'web shares a container with it (pid: container:my_api)'],
  ])('is named: %j', async (web, text) => {
    const said = await found({ api: { container_name: 'my_api' }, others: { web } });
    expect(said).toMatchObject([{ service: 'api', text: expect.stringContaining(text) }]);
  });

  test('is named by a link, unless the container has a name of its own, which the proxy takes', async () => {
    const others = { web: { links: ['api:backend'] } };
    const text = 'web connects to its containers directly (links: api:backend), past proxy edge';
    expect(await found({ others })).toMatchObject([{ text: expect.stringContaining(text) }]);
    expect(await found({ api: { container_name: 'my_api' }, others })).toEqual([]);
  });

  test('is nobody whom Belay releases too, or who is tied to another', async () => {
    const spec = specOf(routed);
    const both = { ...spec, services: { ...spec.services, web: spec.services.api! } };
    expect(await found({ spec: both, others: { web: { links: ['api'] } } })).toEqual([]);
    expect(await found({ others: { web: { links: ['api2'], network_mode: 'service:apis' } } })).toEqual([]);
  });

  test('asks by the name that Compose gives a container, which no proxy has', async () => {
    const others = { web: { environment: { URL: 'http://shop-api-2:8080' } } };
    const said = [{ text: expect.stringContaining("web uses the name of Compose's container") }];
    expect(await found({ api: { scale: 2 }, others })).toMatchObject(said);
    expect(await found({ others })).toEqual([]);
  });
});

test.each([
  ['postgres://u:p@api:8080/shop', 'tcp'],
  ['https://api:8080', 'tcp'],
  ['grpc://api:8080', 'grpc'],
])('a route that carries http is named where others ask there by %s', async (URL, protocol) => {
  const others = { web: { environment: { URL } } };
  expect(await found({ others })).toMatchObject([{ todo: `write protocol: ${protocol} at the route` }]);
  const spec = specOf({ ...routed, routes: [{ ...routed.routes[0], protocol }] });
  expect(await found({ others, spec })).toEqual([]);
});
