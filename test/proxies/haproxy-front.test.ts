import { frontOf } from '../../src/proxies/haproxy/front';

const config = (front: string, backend = '') => `
defaults
  mode http
frontend web
${front}
backend api
${backend}
  server-template s 1-4 app.invalid:8080
`;

const at = (front: string, backend?: string) => frontOf(config(front, backend), 'api');
const choosing = '  default_backend api';

test.each([
  ['bind :8080', '', 8080],
  ['bind *:80', '*', 80],
  ['bind 10.0.0.1:80,10.0.0.2:80 name web', '10.0.0.1', 80],
  ['bind ipv4@127.0.0.1:8080', '127.0.0.1', 8080],
  ['bind [::]:80 v4v6', '::', 80],
  ['bind :443 ssl crt /x.pem\n  bind :80', '', 80],
])('knows the address of %s', (bind, host, port) => {
  expect(at(`  ${bind}\n${choosing}`)).toEqual({ host, port, shared: true });
});

test.each([
  ['TLS', `  bind :443 ssl crt /x.pem\n${choosing}`],
  ['the line of the PROXY protocol', `  bind :80 accept-proxy\n${choosing}`],
  ['the same by a rule', `  bind :80\n  tcp-request connection expect-proxy layer4 if TRUE\n${choosing}`],
  ['a socket of the file system', `  bind /run/web.sock\n${choosing}`],
  ['an address that a variable gives', `  bind "\${WEB}"\n${choosing}`],
  ['other backends too', `  bind :80\n  use_backend admin if { path_beg /admin }\n${choosing}`],
  ['another backend', '  bind :80\n  default_backend web'],
  ['what waits for another backend', `  bind :80\n  use_backend web-wait if { nbsrv(web) eq 0 }\n${choosing}`],
  ['answers from a cache', `  bind :80\n  http-request cache-use small\n${choosing}`],
])('knows none where a frontend takes %s', (_, front) => {
  expect(at(front)).toBeUndefined();
});

test('knows the frontend of a map that chooses between two sets, and of a backend that waits', () => {
  const shared = { host: '', port: 80, shared: true };
  expect(at('  bind :80\n  use_backend %[str(api),map(/etc/haproxy/sets.map,api-blue)]')).toEqual(shared);
  expect(at(`  bind :80\n  use_backend api-wait if { nbsrv(api) eq 0 }\n${choosing}`)).toEqual(shared);
  const map = '%[str(api),map(/etc/haproxy/sets.map,api-blue)]';
  expect(at(`  bind :80\n  use_backend ${map}-wait if { always_true }\n  use_backend ${map}`)).toEqual(shared);
  expect(frontOf('listen api\n  bind :80\n  server s1 127.0.0.1:1', 'api')).toEqual(shared);
});

test.each(['api', 'api-green', 'api-blue-wait'])('knows none where backend %s has a cache', (name) => {
  const cached = `\nbackend ${name}\n  http-request cache-use small if { path_beg /version }\n`;
  expect(frontOf(`frontend web\n  bind :80\n${choosing}${cached}`, 'api')).toBeUndefined();
});

test.each(['balance source', 'balance first', 'cookie srv insert', 'stick on src'])(
  'says that %s gives a client no share of all servers',
  (line) => {
    expect(at(`  bind :80\n${choosing}`, `  ${line}`)).toMatchObject({ shared: false });
  },
);

test('says that requests are shared by leastconn', () => {
  expect(at(`  bind :80\n${choosing}`, '  balance leastconn')).toMatchObject({ shared: true });
});
