import { addressKeepers } from '../../src/runtimes/docker/compose/address-keepers';
import { projectWith } from './projects';

const keepersOf = (image: string, text: string, environment = {}) =>
  addressKeepers(
    projectWith({ api: { networks: { default: { aliases: ['backend'] } } }, web: { image, environment } }),
    'api',
    { web: [{ path: 'web.conf', text }] },
  );

test.each([
  ['nginx:1.27', 'location / {\n    proxy_pass http://api:8080;\n}', 'nginx'],
  ['nginx', 'upstream api_pool { \n  server api:8080 max_fails=0;\n}', 'nginx'],
  ['nginx', 'events {} http { upstream a { server api:8080; } }', 'nginx'],
  ['nginx', 'location /api { proxy_pass http://backend:8080; }', 'nginx'],
  ['registry.example.com:5000/team/nginx-unprivileged@sha256:abc', 'grpc_pass grpc://backend:50051;', 'nginx'],
  ['openresty/openresty:alpine', 'fastcgi_pass api:9000;', 'nginx'],
  ['haproxy:3.2', 'backend api\n  server s1 api:8080 check', 'HAProxy'],
  ['httpd:2.4', 'ProxyPass "/" "http://api:8080/"', 'Apache'],
  ['httpd', '<Proxy balancer://a>\nBalancerMember http://api:8080\n</Proxy>', 'Apache'],
  ['varnish:7', 'backend default {\n  .host = "api";\n}', 'Varnish'],
])('%s keeps the address of a name in %j', (image, text, tool) => {
  expect(keepersOf(image, text)).toMatchObject([{ service: 'web', tool, file: 'web.conf' }]);
});

test.each([
  ['nginx', 'resolver 127.0.0.11;\nset $up http://api:8080;\nproxy_pass $up;'],
  ['nginx', 'upstream a { zone a 64k; server api:8080 resolve; server other:80; }'],
  ['nginx', 'upstream a {\n  zone a 64k;\n  server api:8080 resolve;\n}'],
  ['nginx', 'proxy_pass http://api-admin:8080;\nproxy_pass http://my.api:80;\nserver_name api;'],
  ['haproxy', 'server s1 api:8080 check resolvers docker init-addr none'],
  ['haproxy', 'defaults\n  default-server resolvers docker\nbackend a\n  server s1 api:8080'],
  ['httpd', 'ProxyPass / http://api:8080/ disablereuse=On'],
  ['envoyproxy/envoy', 'address: { socket_address: { address: api, port_value: 8080 } }'],
  ['caddy', 'reverse_proxy api:8080'],
  ['shop/web', 'proxy_pass http://api:8080;'],
])('%s looks the name up again, or is not known to keep it, with %j', (image, text) => {
  expect(keepersOf(image, text)).toEqual([]);
});

test('is known by where its configuration is mounted too, whatever its image is called', () => {
  const keepers = (target: string) =>
    addressKeepers(
      projectWith({ api: {}, web: { image: 'shop/edge', volumes: [{ type: 'bind', source: '/x', target }] } }),
      'api',
      { web: [{ path: 'web.conf', text: 'proxy_pass http://api:8080;' }] },
    );
  expect(keepers('/etc/nginx/nginx.conf')).toMatchObject([{ service: 'web', tool: 'nginx' }]);
  expect(keepers('/etc/nginxlike/nginx.conf')).toEqual([]);
});

test('fills in variables as templates do', () => {
  const text = `proxy_pass http://\${API_HOST}:8080;`;
  expect(keepersOf('nginx', text, { API_HOST: 'api' })).toHaveLength(1);
  expect(keepersOf('nginx', text, { API_HOST: 'other' })).toEqual([]);
});

test('says how to look again at once, and by itself', () => {
  const [keeper] = keepersOf('nginx', 'proxy_pass http://api:8080;');
  expect(keeper?.reload).toBe('docker compose exec web nginx -s reload');
  expect(keeper?.instead).toContain('set $to api:PORT; proxy_pass http://$to;');
});

test.each([
  ['fastcgi_pass api:9000;', 'fastcgi_pass $to;'],
  ['uwsgi_pass api:9000;', 'uwsgi_connect_timeout 1s; set $to api:PORT; uwsgi_pass $to;'],
  ['grpc_pass grpc://api:50051;', 'grpc_pass grpc://$to;'],
  ['proxy_pass https://api:8443/x;', 'proxy_pass https://$to;'],
  ['upstream a { server api:8080; }', 'proxy_pass http://$to;'],
])('answers the line %j of nginx with its own directive', (text, instead) => {
  expect(keepersOf('nginx', text)[0]?.instead).toMatch(new RegExp(`; ${instead.replaceAll('$', '\\$')}$`));
});
