import { leadersOf } from '../../src/runtimes/docker/compose/leaders';
import type { ComposeService } from '../../src/runtimes/docker/compose/project';
import { projectWith } from './projects';

const toolsOf = (api: ComposeService) => leadersOf(projectWith({ api }), 'api').map(({ tool }) => tool);

test.each<[string, ComposeService]>([
  ['Traefik', { labels: { 'traefik.enable': 'true' } }],
  ['Traefik', { labels: { 'traefik.http.routers.api.rule': 'Host(`a.example.com`)' } }],
  ['Traefik', { labels: { 'traefik.tcp.routers.api.rule': 'HostSNI(`*`)', 'traefik.enable': 'True' } }],
  ['Traefik', { labels: { 'traefik.frontend.rule': 'Host:a.example.com', 'traefik.port': '80' } }],
  ['nginx-proxy', { environment: { VIRTUAL_HOST: 'a.example.com', VIRTUAL_PORT: '8080' } }],
  ['nginx-proxy', { environment: { VIRTUAL_HOST_MULTIPORTS: 'a.example.com: { "/": { port: 90 } }' } }],
  ['Caddy', { labels: { caddy: 'a.example.com', 'caddy.reverse_proxy': '{{upstreams 8080}}' } }],
  ['Caddy', { labels: { caddy_1: 'a.example.com', 'caddy_1.handle_path.0_reverse_proxy': '{{ upstreams h2c 80 }}' } }],
  ['SWAG', { labels: { swag: 'enable', swag_port: '80' } }],
  ['EasyHAProxy', { labels: { 'easyhaproxy.http.host': 'a.example.com' } }],
  ['TSDProxy', { labels: { 'tsdproxy.enable': 'true' } }],
  ['GoDoxy', { labels: { 'proxy.aliases': 'api', 'proxy.api.port': '8080' } }],
  ['Registrator', { environment: { SERVICE_NAME: 'api', SERVICE_TAGS: 'urlprefix-/api' } }],
  ['Registrator', { environment: { SERVICE_8080_NAME: 'api' } }],
])('%s leads to the containers of a service with %j', (tool, service) => {
  expect(toolsOf(service)).toEqual([tool]);
});

test.each<[string, ComposeService]>([
  ['nothing of the kind', { labels: { tier: 'web' }, environment: { HOST: 'a', SERVICE_NAME: 'api' } }],
  ['Traefik told to leave it', { labels: { 'traefik.enable': 'false', 'traefik.http.routers.a.rule': 'x' } }],
  ['Traefik told an address', { labels: { 'traefik.http.services.a.loadbalancer.server.url': 'http://api:8080' } }],
  ['an empty host', { environment: { VIRTUAL_HOST: '' } }],
  ['a variable that is taken away', { environment: { VIRTUAL_HOST: null } }],
  ['Caddy told an address', { labels: { caddy: 'a.example.com', 'caddy.reverse_proxy': 'api:8080' } }],
  ['SWAG told an address', { labels: { swag: 'enable', swag_address: 'api' } }],
  ['SWAG that is off', { labels: { swag_port: '80' } }],
  ['labels of other tools', { labels: { 'com.centurylinklabs.watchtower.enable': 'true', 'homepage.name': 'Api' } }],
])('nobody is said to lead past a proxy by %s', (_, service) => {
  expect(toolsOf(service)).toEqual([]);
});

test('says by what, a few of many, and how to lead to the name instead', () => {
  const labels = { 'traefik.enable': 'true', 'traefik.a': '1', 'traefik.b': '2', 'traefik.c': '3' };
  const [traefik] = leadersOf(projectWith({ api: { labels } }), 'api');
  expect(traefik?.by).toBe('labels traefik.enable, traefik.a and 2 more');
  expect(traefik?.instead).toContain('http://api:PORT');
  const [both] = leadersOf(projectWith({ api: { environment: { VIRTUAL_HOST: 'a' } } }), 'api');
  expect(both?.by).toBe('variable VIRTUAL_HOST');
});
