import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { adviceCheck } from '../../src/cli/doctor/proxies/advice';
import { adviseNginx, type Version } from '../../src/proxies/nginx/advisor';
import { testConfig } from '../../src/proxies/nginx/reload';
import type { NginxVersion } from '../../testbed/nginx';
import { fromSetup } from '../../testbed/root';

/** The advice for configurations as people have them, and for what it makes of them. A real nginx reads each. */

const dir = mkdtempSync(join(tmpdir(), 'belay-nginx-shapes-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const main = join(dir, 'nginx.conf');
const list = join(dir, 'belay', 'app_servers.servers');
const versions: Record<NginxVersion, Version> = { debian: [1, 22, 1], current: [1, 31, 3] };

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries({ 'belay/app_servers.servers': 'server 127.0.0.1:1 down;\n', ...files })) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
}

/** Returns what doctor prints: the text up to the reason, the place, and the lines. */
async function advised(version: NginxVersion): Promise<Array<[string, ...string[]]>> {
  const program = version === 'debian' ? 'nginx' : fromSetup('.tools', 'bin', 'nginx-current');
  const config = await testConfig({ test: [program, '-p', dir, '-e', join(dir, 'error.log'), '-c', main, '-T'] });
  const lists = [{ key: 'app_servers', path: list }];
  return adviseNginx({ config, version: versions[version], lists })
    .map((one) => adviceCheck('', one))
    .map(({ text, todo = [], lines = [] }) => [short(text.split('. ')[0]!), ...[...todo, ...lines].map(short)]);
}

const short = (text: string): string => text.replaceAll(dir, '');

const safe =
  'client_header_timeout 5s; proxy_connect_timeout 1s; proxy_next_upstream error timeout http_502 http_503 http_504;';

/** The files of Debian, with the upstream and the server of an administrator in a site. */
const debian = {
  'nginx.conf': `pid ${dir}/nginx.pid;
events {}
http {
    access_log off;
    include ${dir}/conf.d/*.conf;
    include ${dir}/sites-enabled/*;
}
`,
  'sites-available/shop': `upstream app_servers {
    server 127.0.0.1:8000 max_fails=3 fail_timeout=30s;
    server 127.0.0.1:8001 max_fails=3 fail_timeout=30s;
}

server {
    listen unix:socket;
    location / {
        proxy_pass http://app_servers;
        proxy_set_header Host $host;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_next_upstream error timeout http_502 http_503 http_504;
    }

    location /health {
        proxy_pass http://app_servers/health;
        access_log off;
    }
}
`,
};

test("Debian's files, and the upstream of an administrator as it stands", async () => {
  write(debian);
  mkdirSync(join(dir, 'sites-enabled'));
  symlinkSync('../sites-available/shop', join(dir, 'sites-enabled', 'shop'));
  const upstream = 'upstream app_servers in /sites-enabled/shop';
  const include = `include /belay/app_servers.servers;`;
  const others: Array<[string, ...string[]]> = [
    ['http block in /nginx.conf: no client_header_timeout', 'http block in /nginx.conf:', 'client_header_timeout 5s;'],
    ['http block in /nginx.conf: no proxy_connect_timeout', 'http block in /nginx.conf:', 'proxy_connect_timeout 1s;'],
    // Of /health, which has no line of its own.
    [
      'http block in /nginx.conf: proxy_next_upstream has its default, error timeout',
      'http block in /nginx.conf:',
      'proxy_next_upstream error timeout http_502 http_503 http_504;',
    ],
  ];
  expect(await advised('debian')).toEqual([
    [
      `${upstream}: no upstream includes /belay/app_servers.servers`,
      `${upstream}, in place of its server lines:`,
      include,
    ],
    ['http block in /nginx.conf: keepalive_timeout is not 0', 'http block in /nginx.conf:', 'keepalive_timeout 0;'],
    ...others,
  ]);
  expect(await advised('current')).toEqual([
    [
      `${upstream}: no upstream includes /belay/app_servers.servers`,
      `${upstream}, in place of its server lines:`,
      include,
      'keepalive 0;',
    ],
    [
      'http block in /nginx.conf: no keepalive_min_timeout',
      'http block in /nginx.conf:',
      'keepalive_timeout 5s;',
      'keepalive_min_timeout 5s;',
    ],
    ...others,
  ]);
  const mended = (upstream: string, idle: string) =>
    write({
      'nginx.conf': debian['nginx.conf'].replace('http {', `http { ${idle} ${safe}`),
      'sites-available/shop': debian['sites-available/shop']
        .replace(/ {4}server .*\n/g, '')
        .replace('{', `{ ${upstream}`),
    });
  mended(`include ${list};`, 'keepalive_timeout 0;');
  expect(await advised('debian')).toEqual([]);
  mended(`include ${list}; keepalive 0;`, 'keepalive_timeout 5s; keepalive_min_timeout 5s;');
  expect(await advised('current')).toEqual([]);
});

/** The files of nginx.org, and a server with times of its own. */
const org = (http: string, server: string, keep = 'keepalive 0;') => ({
  'nginx.conf': `events {}\npid ${dir}/nginx.pid;\nhttp {\n    ${http}\n    include conf.d/*.conf;\n}\n`,
  'conf.d/upstreams.conf': 'upstream app_servers { include snippets/app.conf; }\n',
  'snippets/app.conf': `include belay/app_servers.servers; ${keep}\n`,
  'conf.d/shop.conf': `server { listen unix:socket; server_name shop; ${server} location / { proxy_pass http://app_servers; } }\n`,
});
const well = `keepalive_timeout 5s; keepalive_min_timeout 5s; ${safe}`;

test('an upstream in an included file, which includes the servers by another one', async () => {
  write(org(well, ''));
  expect(await advised('current')).toEqual([]);
});

test('lines that nginx would refuse beside the present ones take their place', async () => {
  const next = 'proxy_next_upstream error timeout non_idempotent;';
  write(
    org(
      'keepalive_timeout 65; client_header_timeout 60;',
      `keepalive_timeout 75s 60s; ${next} proxy_connect_timeout 1s;`,
    ),
  );
  const [http, shop] = ['http block in /nginx.conf', 'server shop in /conf.d/shop.conf'];
  const lines = ['keepalive_timeout 5s;', 'keepalive_min_timeout 5s;'];
  expect(await advised('current')).toEqual([
    [`${http}: no keepalive_min_timeout`, `${http}, in place of keepalive_timeout 65;:`, ...lines],
    [`${shop}: no keepalive_min_timeout`, `${shop}, in place of keepalive_timeout 75s 60s;:`, ...lines],
    [
      `${http}: client_header_timeout is above 10 s`,
      `${http}, in place of client_header_timeout 60;:`,
      'client_header_timeout 5s;',
    ],
    [
      `${shop}: proxy_next_upstream error timeout non_idempotent`,
      `${shop}, in place of ${next}:`,
      'proxy_next_upstream error timeout http_502 http_503 http_504 non_idempotent;',
    ],
  ]);
  write(org(well, well));
  expect(await advised('current')).toEqual([]);
});

test('servers beside those of Belay, and an upstream to which nothing leads', async () => {
  write({
    ...org(well, ''),
    'snippets/app.conf': `include belay/app_servers.servers; server 127.0.0.1:8000; keepalive 0;\n`,
    'conf.d/shop.conf': 'server { listen unix:socket; location / { proxy_pass http://127.0.0.1:8000; } }\n',
  });
  expect(await advised('current')).toEqual([
    [
      'upstream app_servers in /conf.d/upstreams.conf: it has servers beside those of /belay/app_servers.servers: 127.0.0.1:8000',
    ],
    ['location: nothing leads to upstream app_servers', 'location:', 'proxy_pass http://app_servers;'],
  ]);
});

test('HTTP/2 of an nginx that gives each of its connections one request', async () => {
  write(org(`keepalive_timeout 0; ${safe}`, 'http2 on;'));
  expect(await advised('current')).toEqual([
    [
      'server shop in /conf.d/shop.conf: HTTP/2 with keepalive_timeout 0',
      'server shop in /conf.d/shop.conf:',
      'keepalive_timeout 5s;',
      'keepalive_min_timeout 5s;',
    ],
  ]);
});

test('HTTP/2 of an nginx that keeps its idle connections at a reload', async () => {
  write(org(`keepalive_timeout 0; ${safe}`, '', ''));
  const server = (more: string) =>
    write({
      'conf.d/shop.conf': `server { listen unix:socket http2; server_name shop; ${more} location / { proxy_pass http://app_servers; } }\n`,
    });
  const shop = 'server shop in /conf.d/shop.conf';
  const lines = ['keepalive_timeout 5s;', 'keepalive_time 5s;'];
  server('');
  expect(await advised('debian')).toEqual([
    [`${shop}: HTTP/2 without short times for connections`, `${shop}:`, ...lines],
  ]);
  server('keepalive_timeout 75s;');
  expect(await advised('debian')).toEqual([
    [`${shop}: HTTP/2 without short times for connections`, `${shop}, in place of keepalive_timeout 75s;:`, ...lines],
  ]);
  server(lines.join(' '));
  expect(await advised('debian')).toEqual([]);
});
