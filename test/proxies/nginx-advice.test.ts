import { adviseNginx, type Version, versionIn } from '../../src/proxies/nginx/advisor';
import { milliseconds, readDirectives } from '../../src/proxies/nginx/directives';

const path = '/etc/nginx/belay/api.servers';
const lists = [{ key: 'api', path }];
const said = (config: string, version?: Version) =>
  adviseNginx({ config, version, lists }).map(({ severity, section, what }) => `${severity} ${section}: ${what}`);

const good = `
# configuration file /etc/nginx/nginx.conf:
user www-data; # "quoted { "
http {
  keepalive_timeout 5s;
  keepalive_min_timeout 5s;
  client_header_timeout 10s;
  proxy_connect_timeout 1s;
  proxy_next_upstream error timeout http_502 http_503 http_504 non_idempotent;
  log_format main '$remote_addr "{$request}"; $status';
  include conf.d/*.conf;
}
# configuration file /etc/nginx/conf.d/site.conf:
upstream api { include belay/api.servers; keepalive 0; }
server { listen 80; location / { proxy_pass http://api; } }
`;

test('says nothing where every line is there', () => {
  expect(said(good, [1, 31, 3])).toEqual([]);
  expect(said(good)).toEqual([]);
});

test('asks for the upstream that includes the servers, by version', () => {
  const bare = good.replace(/upstream api .*/, 'upstream other { server 10.0.0.1; }');
  const lines = (version: Version) => adviseNginx({ config: bare, version, lists })[0];
  expect(lines([1, 28, 0])).toMatchObject({
    severity: 'must',
    what: `no upstream includes ${path}`,
    lines: ['upstream api {', `    include ${path};`, '}'],
  });
  expect(lines([1, 29, 7])!.lines).toContain('    keepalive 0;');
});

test.each<[string, Version, string[]]>([
  ['keepalive_timeout 75s;', [1, 31, 3], ['should http block in /etc/nginx/nginx.conf: no keepalive_min_timeout']],
  ['', [1, 27, 4], ['should http block in /etc/nginx/nginx.conf: no keepalive_min_timeout']],
  ['keepalive_timeout 75s;', [1, 27, 3], ['should http block in /etc/nginx/nginx.conf: keepalive_timeout is not 0']],
  ['', [1, 22, 1], ['should http block in /etc/nginx/nginx.conf: keepalive_timeout is not 0']],
  ['keepalive_timeout 0;', [1, 22, 1], []],
  ['keepalive_timeout 0;', [1, 31, 3], []],
  [
    'keepalive_timeout 75s; keepalive_min_timeout 1m;',
    [1, 31, 3],
    ['should http block in /etc/nginx/nginx.conf: keepalive_min_timeout is above 10 s'],
  ],
])('idle clients by "%s" in %j: %j', (line, version, expected) => {
  const config = good.replace(/ {2}keepalive_timeout 5s;\n {2}keepalive_min_timeout 5s;\n/, `  ${line}\n`);
  expect(said(config, version)).toEqual(expected);
});

test('names what cuts requests, and what sends them to no other instance', () => {
  const config = good
    .replace('user www-data;', 'user www-data; worker_shutdown_timeout 30s;')
    .replace('keepalive 0;', '')
    .replace(/ {2}proxy_.*\n/g, '');
  expect(said(config, [1, 29, 7])).toEqual([
    'should upstream api in /etc/nginx/conf.d/site.conf: no keepalive',
    'should main block in /etc/nginx/nginx.conf: worker_shutdown_timeout 30s',
    'should http block in /etc/nginx/nginx.conf: no proxy_connect_timeout',
    'should http block in /etc/nginx/nginx.conf: proxy_next_upstream has its default, error timeout',
  ]);
  expect(said(config, [1, 29, 6])).not.toContain('should upstream api in /etc/nginx/conf.d/site.conf: no keepalive');
});

test('reads versions, times, and blocks that never end', () => {
  expect(versionIn('nginx version: nginx/1.22.1\nnginx: configuration file')).toEqual([1, 22, 1]);
  expect(versionIn('nginx version: openresty/1.25.3.1')).toEqual([1, 25, 3]);
  expect(versionIn('sudo: a password is required')).toBeUndefined();
  expect(['75', '1m 30s', '500ms', '0'].map(milliseconds)).toEqual([75_000, 90_000, 500, 0]);
  expect(readDirectives('http { a "b;c" {')).toEqual([
    { name: 'http', words: [], block: [{ name: 'a', words: ['b;c'], block: [] }] },
  ]);
  expect(readDirectives('} x;')).toEqual([{ name: 'x', words: [], block: [] }]);
});
