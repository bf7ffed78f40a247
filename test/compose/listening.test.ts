import { listeningPorts } from '../../src/runtimes/docker/compose/listening';
import type { ComposeService } from '../../src/runtimes/docker/compose/project';
import { projectWith } from './projects';

const portsOf = (api: ComposeService, others: Record<string, ComposeService> = {}) =>
  listeningPorts(projectWith({ api, ...others }), 'api');

test('finds ports that are published or exposed, those of the host first, and none of UDP', () => {
  const ports = [
    { target: 8080, published: '80', protocol: 'tcp' },
    { target: 8080, published: '81', protocol: 'tcp' },
    { target: 53, published: '53', protocol: 'udp' },
    { target: 9000, protocol: 'tcp' },
  ];
  expect(portsOf({ ports, expose: ['7000', '8080', '7001/udp'] } as ComposeService)).toEqual([
    { port: 8080, published: ['80', '81'] },
    { port: 9000, published: [] },
    { port: 7000, published: [] },
  ]);
});

test.each<[string, ComposeService, number, string | undefined]>([
  ['its address', { environment: { ADMIN: 'http://api:8081/x' } }, 8081, 'http'],
  ['an encrypted one', { environment: { ADMIN: 'https://user:word@api:8443' } }, 8443, 'tcp'],
  ['the name of a variable', { environment: { API_GRPC: 'api:50052' } }, 50052, 'grpc'],
  ['a word of its command', { command: ['--upstream=api:9000'] }, 9000, undefined],
  ['its health check', { healthcheck: { test: ['CMD', 'curl', '-f', 'http://api:8083'] } }, 8083, 'http'],
  ['a label', { labels: { 'caddy.reverse_proxy': 'api:8084' } }, 8084, undefined],
  ['host and port apart', { environment: { API_HOST: 'api', API_PORT: '8085' } }, 8085, undefined],
  ['the same in small letters', { environment: { api__hostname: 'backend', api__port: '8086' } }, 8086, undefined],
  ['the name of its container', { environment: { URL: 'http://my_api:8087' } }, 8087, 'http'],
  ['an alias', { environment: { URL: 'http://backend:8082' } }, 8082, 'http'],
])('finds by %s what another service asks for', (_, web, port, protocol) => {
  const api = { container_name: 'my_api', networks: { default: { aliases: ['backend'] } } };
  expect(portsOf(api, { web })).toEqual([{ port, protocol, published: [] }]);
});

test('takes no other name for it', () => {
  const environment = { A: 'my-api:1', B: 'api.example.com:2', C: 'http://api/:3', D: 'api:99999', E: 'myapi:4' };
  expect(portsOf({}, { web: { environment } })).toEqual([]);
});

test('asks its own health check only where others depend on it and nothing else says a port', () => {
  const api = { healthcheck: { test: ['CMD-SHELL', 'curl -f http://localhost:8000/health'] } };
  const web = { depends_on: { api: { condition: 'service_started' } } };
  expect(portsOf(api)).toEqual([]);
  expect(portsOf(api, { web })).toEqual([{ port: 8000, protocol: 'http', published: [] }]);
  expect(portsOf({ ...api, expose: ['9000'] }, { web })).toEqual([{ port: 9000, published: [] }]);
});

test('learns what a port carries from the health check, from app_protocol, and from variables of its own', () => {
  const probe = { expose: ['50051'], healthcheck: { test: ['CMD', 'grpc_health_probe', '-addr=:50051'] } };
  expect(portsOf(probe)).toMatchObject([{ port: 50051, protocol: 'grpc' }]);
  const ports = [{ target: 80, published: '80', app_protocol: 'http' }];
  expect(portsOf({ ports } as ComposeService)).toMatchObject([{ port: 80, protocol: 'http' }]);
  expect(portsOf({ expose: ['6000'], environment: { GRPC_PORT: '6000' } })).toMatchObject([{ protocol: 'grpc' }]);
});
