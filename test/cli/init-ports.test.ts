import { initPorts } from '../../src/cli/init/ports';
import type { MountedTexts } from '../../src/runtimes/docker/compose/mounted-texts';
import type { ComposeService } from '../../src/runtimes/docker/compose/project';
import { projectWith } from '../compose/projects';

const portsOf = (api: ComposeService, others: Record<string, ComposeService> = {}, texts: MountedTexts = {}) =>
  initPorts(projectWith({ api, ...others }), 'api', { texts });

test.each<[string, ComposeService, number, string | undefined]>([
  ['a label of Traefik', { labels: { 'traefik.http.services.x.loadbalancer.server.port': '3000' } }, 3000, 'http'],
  [
    'a scheme of Traefik',
    {
      labels: {
        'traefik.http.services.x.loadbalancer.server.port': '50051',
        'traefik.http.services.x.loadbalancer.server.scheme': 'h2c',
      },
    },
    50051,
    'grpc',
  ],
  ['a label of Caddy', { labels: { caddy: 'x.org', 'caddy.reverse_proxy': '{{upstreams 8080}}' } }, 8080, 'http'],
  ['VIRTUAL_PORT', { environment: { VIRTUAL_HOST: 'x.org', VIRTUAL_PORT: '4321' } }, 4321, 'http'],
  ['VIRTUAL_PROTO', { environment: { VIRTUAL_PORT: '4321', VIRTUAL_PROTO: 'grpc' } }, 4321, 'grpc'],
  ['VIRTUAL_HOST and expose', { environment: { VIRTUAL_HOST: 'x.org' }, expose: ['9000'] }, 9000, 'http'],
  ['its own check', { healthcheck: { test: ['CMD', 'curl', '-f', 'http://localhost:8081/'] } }, 8081, 'http'],
  ['curl without a scheme', { healthcheck: { test: ['CMD-SHELL', 'curl -s localhost:8082'] } }, 8082, 'http'],
  ['a check of TCP', { healthcheck: { test: ['CMD-SHELL', 'nc -z localhost:8083'] } }, 8083, undefined],
  ['its command', { command: ['uvicorn', 'app:app', '--host', '0.0.0.0', '--port', '8000'] }, 8000, 'http'],
  ['an address in its command', { command: ['python', 'manage.py', 'runserver', '0.0.0.0:8001'] }, 8001, 'http'],
  ['its image', { image: 'nginx:1.27', expose: ['80'] }, 80, 'http'],
  ['a port that nothing explains', { expose: ['8080'] }, 8080, undefined],
])('finds by %s where a service listens', (_, api, port, protocol) => {
  expect(portsOf(api).listens).toEqual([{ port, protocol, published: [] }]);
});

test('takes a check that is switched off for no evidence', () => {
  const test = ['CMD', 'curl', '-f', 'http://localhost:8081/'];
  expect(portsOf({ healthcheck: { test, disable: true } })).toMatchObject({ listens: [], evidence: [] });
});

test('takes an address of http at a published port for proof, and no other', () => {
  const ports = [{ target: 3000, published: '8080', protocol: 'tcp' }];
  const protocolBy = (URL: string) =>
    portsOf({ ports, environment: { URL } } as ComposeService, { web: {} }).listens[0]!.protocol;
  expect(protocolBy('http://localhost:8080/login')).toBe('http');
  expect(protocolBy('http://shop.example.com:8080')).toBe('http');
  expect(protocolBy('https://shop.example.com:8080')).toBeUndefined();
  expect(protocolBy('http://localhost:8081')).toBeUndefined();
  expect(protocolBy('http://web:8080')).toBeUndefined();
});

test('takes a variable for evidence where others depend on the service, and for a guess elsewhere', () => {
  const api = { environment: { PORT: '3000' } };
  const web = { depends_on: { api: { condition: 'service_started' } } };
  expect(portsOf(api, { web }).listens).toMatchObject([{ port: 3000 }]);
  expect(portsOf(api)).toMatchObject({ listens: [], maybe: [3000] });
  expect(portsOf(api, { web: { ...web, ...api } })).toMatchObject({ listens: [], maybe: [3000] });
});

test('takes EXPOSE for evidence as a variable, unless another service runs the same image', () => {
  const image = { ports: [3000] };
  const web = { depends_on: { api: { condition: 'service_started' } } };
  const listens = (api: ComposeService, others: Record<string, ComposeService>) =>
    initPorts(projectWith({ api, ...others }), 'api', { texts: {}, image });
  expect(listens({ image: 'a' }, { web }).listens).toMatchObject([{ port: 3000 }]);
  expect(listens({ image: 'a' }, {})).toMatchObject({ listens: [], maybe: [3000] });
  expect(listens({ image: 'a' }, { web: { ...web, image: 'a' } })).toMatchObject({ listens: [], maybe: [] });
});

test.each([
  ['scrape_configs:\n  - static_configs: [{ targets: ["api:9000"] }]\n', 'http'],
  ['upstream back {\n  server api:9000;\n}\nserver { location / { proxy_pass http://back; } }\n', 'http'],
  ['example.org {\n  reverse_proxy api:9000\n}\n', 'http'],
  ['backend b\n  mode http\n  server one api:9000 check\n', 'http'],
  ['location ~ \\.php$ { fastcgi_pass api:9000; }\n', 'tcp'],
  ['address: api:9000\n', undefined],
])('proves a protocol by the mounted file %j', (text, protocol) => {
  const texts = { web: [{ path: 'web.conf', text }] };
  expect(portsOf({}, { web: {} }, texts).listens).toEqual([{ port: 9000, protocol, published: [] }]);
});

test('names the places of its evidence', () => {
  const ports = [{ target: 8080, published: '80', protocol: 'tcp' }];
  const { evidence } = portsOf({ ports } as ComposeService, { web: { environment: { API: 'http://api:8080' } } });
  expect(evidence).toEqual([
    { port: 8080, at: ['api', 'ports'], says: '80:8080' },
    { port: 8080, at: ['web'], says: 'api:8080' },
  ]);
});
