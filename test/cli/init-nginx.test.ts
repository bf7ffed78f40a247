import { chmodSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSpec } from '../../src/spec/parse';
import { projectFolder } from '../compose/folder';
import { belay } from './support';

/** `belay init` beside a real nginx, which reads a configuration below the project's folder. */

let project: ReturnType<typeof projectFolder>;
afterEach(() => project.remove());

const inFolder = (path: string) => join(project.folder, path);

/** Its files as Debian has them, with this site. */
function withNginx(site: string, more: Record<string, string> = {}): void {
  project = projectFolder({
    'etc/nginx.conf': `pid /run/nginx.pid;
events {}
http {
  access_log off;
  include sites-enabled/*;
}
`,
    'etc/sites-available/shop': site,
    'etc/sites-enabled/other': 'upstream other { server 127.0.0.1:7999; server 10.0.0.9:8080; }\n',
    ...more,
  });
  symlinkSync('../sites-available/shop', inFolder('etc/sites-enabled/shop'));
}

const init = async (...more: string[]) => {
  const { folder } = project;
  const wrapped = `#!/bin/sh\nexec /usr/sbin/nginx -p "${folder}/" -e "${folder}/error.log" -c "${folder}/etc/nginx.conf" "$@"\n`;
  writeFileSync(inFolder('nginx'), wrapped);
  chmodSync(inFolder('nginx'), 0o755);
  const { code, out, err } = await belay(['init', '--json', '--platform', 'shop', ...more], {
    cwd: folder,
    env: { PATH: `${folder}:${process.env.PATH}` },
  });
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out) as { found: string[]; todo: string[] };
};

const text = () => readFileSync(inFolder('belay.yaml'), 'utf8');
const spec = () => {
  const result = parseSpec({ text: text(), file: 'belay.yaml' });
  if ('errors' in result) throw new Error(JSON.stringify(result.errors));
  return result.spec;
};

const compose = `services:
  api: { image: "shop/api:1", ports: ["127.0.0.1:8000:80"] }
  admin: { image: "shop/admin:1", ports: ["8100-8101:9000"], deploy: { replicas: 2 } }
  worker: { image: "shop/worker:1", expose: ["9100"] }
`;

const site = `
upstream app_servers {
    server 127.0.0.1:8000 max_fails=3 fail_timeout=30s; # server 127.0.0.1:9999;
}
upstream admin { server localhost:8100; server localhost:8101; }
server {
    listen unix:socket;
    location / { proxy_pass http://app_servers; }
    location /admin { proxy_pass http://admin; }
}
`;

test('finds the upstreams that lead to services, and says in one message what is left to do by hand', async () => {
  withNginx(site, { 'compose.yaml': compose });
  const { found, todo } = await init();
  expect(found).toContain(`nginx ${inFolder('etc/nginx.conf')}: upstreams app_servers, admin`);
  const lists = inFolder('etc/belay');
  const shop = inFolder('etc/sites-enabled/shop');
  expect(todo.filter((one) => one.startsWith('nginx'))).toEqual([
    `nginx: install -d ${lists}; move the server lines of upstream app_servers (${shop}) into ${lists}/app_servers.servers, one a line, and write in their place: include ${lists}/app_servers.servers; then move the server lines of upstream admin (${shop}) into ${lists}/admin.servers, one a line, and write in their place: include ${lists}/admin.servers; then nginx -t && nginx -s reload`,
  ]);
  expect(spec()).toMatchObject({
    proxies: { web: { kind: 'nginx', config: lists, pid: '/run/nginx.pid', test: ['nginx', '-T'] } },
    services: {
      api: { routes: [{ proxy: 'web', backend: 'app_servers', port: 80 }] },
      admin: { routes: [{ proxy: 'web', port: 9000 }] },
      worker: { routes: [] },
    },
  });
  expect(text()).not.toContain('pid:');
  expect(text()).toContain('routes: [{ proxy: web, port: 9000 }]');
  expect(text()).toContain('# No upstream of nginx has servers at ports of worker; it leads to app_servers, admin.');
  expect(text()).toContain('# take ports out of the Compose file. Belay gives each instance a port, and tells nginx.');
});

test('asks for nothing once the upstream includes the servers, and takes their folder', async () => {
  withNginx('upstream app { include lists/api.servers; }\n', {
    'compose.yaml': compose,
    'etc/lists/api.servers': 'server 127.0.0.1:20001; # api-blue/s1\n',
  });
  const { todo } = await init();
  expect(todo.filter((one) => one.startsWith('nginx'))).toEqual([]);
  expect(spec()).toMatchObject({
    proxies: { web: { config: inFolder('etc/lists') } },
    services: { api: { routes: [{ proxy: 'web', port: 80 }] } },
  });
});

test('writes the pid file of an nginx that has another one', async () => {
  withNginx(site, { 'compose.yaml': compose });
  const conf = readFileSync(inFolder('etc/nginx.conf'), 'utf8');
  writeFileSync(inFolder('etc/nginx.conf'), conf.replace('/run/nginx.pid', inFolder('nginx.pid')));
  await init();
  expect(spec().proxies.web).toMatchObject({ pid: inFolder('nginx.pid') });
});

test('leaves an nginx alone that leads to no service, and a HAProxy that is named comes first', async () => {
  withNginx(site, { 'compose.yaml': 'services: { api: { image: "shop/api:1", ports: ["8200:80"] } }\n' });
  const { found, todo } = await init();
  expect(found.join()).toMatch(
    /Belay runs one; --haproxy names yours; \S+etc\/nginx.conf has no upstream with servers at their ports$/,
  );
  expect(todo.filter((one) => one.includes('nginx'))).toEqual([]);
  expect(spec().proxies).toMatchObject({ edge: { managed: true } });
  project.remove();
  withNginx(site, {
    'compose.yaml': compose,
    'haproxy.cfg': 'global\n stats socket /run/a.sock level admin\nbackend api\n',
  });
  await init('--haproxy', 'haproxy.cfg');
  expect(spec().proxies).toMatchObject({ edge: { kind: 'haproxy', socket: '/run/a.sock' } });
});

test("passes on nginx's own words where it cannot tell its configuration", async () => {
  withNginx('upstream app { nonsense; }\n', { 'compose.yaml': compose });
  const { todo } = await init();
  expect(todo).toContainEqual(
    expect.stringMatching(
      /^nginx -T fails \(.*unknown directive "nonsense" in .*shop:1\): .* run belay init again as root$/,
    ),
  );
  expect(spec().proxies).toMatchObject({ edge: { managed: true } });
});
