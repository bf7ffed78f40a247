import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { examineNginx, keysOf } from '../../src/cli/doctor/proxies/nginx';
import { parseSpec } from '../../src/spec/parse';
import type { Spec } from '../../src/spec/spec';
import { type Nginx, type NginxVersion, startNginx } from '../../testbed/nginx';

let nginx: Nginx;
let dir: string;
afterEach(async () => {
  await nginx.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function start(version: NginxVersion): Promise<void> {
  dir = mkdtempSync(join(tmpdir(), 'belay-doctor-nginx-'));
  nginx = await startNginx({ dir, version });
}

const examine = async (over: Partial<Nginx['spec']> = {}, keys = ['api']) =>
  (await examineNginx({ name: 'web', spec: { ...nginx.spec, ...over }, keys })).map(
    ({ state, text }) => `${state} ${text}`,
  );

test.each([
  ['debian', '1.22'],
  ['current', '1.31'],
] as const)('finds nothing to mend in the nginx of the bed: %s', async (version, number) => {
  await start(version);
  expect(await examine()).toEqual([
    `ok nginx runs: process ${nginx.pid()}, 2 workers`,
    expect.stringMatching(new RegExp(`^ok the configuration of nginx ${number}\\.\\d+ has every line it needs$`)),
  ]);
});

test('prints how to make a list that is not there, and the upstream that includes it', async () => {
  await start('debian');
  const checks = await examineNginx({ name: 'web', spec: nginx.spec, keys: ['api', 'admin'] });
  const path = join(nginx.folder, 'admin.servers');
  expect(checks.slice(1)).toMatchObject([
    {
      state: 'bad',
      text: `${path}, the servers of backend admin, is not there`,
      lines: [`install -d ${nginx.folder}`, `echo 'server 127.0.0.1:1 down;' > ${path}`],
    },
    {
      state: 'bad',
      text: expect.stringContaining(`no upstream includes ${path}`),
      lines: ['upstream admin {', `    include ${path};`, '}'],
    },
  ]);
});

test("passes on nginx's own words, and says where none runs, and whose list it cannot read", async () => {
  await start('debian');
  writeFileSync(nginx.configPath, 'http { nonsense; }');
  writeFileSync(join(nginx.folder, 'api.servers'), 'keepalive 4;\n');
  expect(await examine({ pid: '/nowhere/nginx.pid' })).toEqual([
    "bad /nowhere/nginx.pid, nginx's pid file, cannot be read (ENOENT)",
    `bad line 1 of ${nginx.folder}/api.servers is no line with one server: keepalive 4;`,
    expect.stringMatching(/^bad nginx refuses its configuration: .*unknown directive "nonsense"/),
  ]);
});

test('asks for a folder that can be written', async () => {
  await start('debian');
  // Not even root enters a plain file.
  writeFileSync(join(dir, 'plain'), '');
  const found = await examine({ config: join(dir, 'plain', 'belay') });
  expect(found).toContain(`bad the folder ${dir}/plain/belay is not writable for you`);
});

test('asks for the backends of the routes through it, and takes the usual commands where none are written', () => {
  const result = parseSpec({
    text: JSON.stringify({
      platform: 'shop',
      proxies: { web: { kind: 'nginx', config: '/etc/nginx/belay' }, other: { kind: 'none' } },
      services: {
        api: {
          image: 'a:1',
          routes: [
            { proxy: 'web', port: 80 },
            { proxy: 'web', backend: 'admin', port: 81 },
          ],
        },
        db: { image: 'a:1', routes: [{ proxy: 'other', port: 1 }] },
      },
    }),
    file: 'belay.yaml',
  }) as { spec: Spec };
  expect(keysOf(result.spec, 'web')).toEqual(['api', 'admin']);
  expect(result.spec.proxies.web).toEqual({
    kind: 'nginx',
    config: '/etc/nginx/belay',
    test: ['nginx', '-T'],
    reload: ['nginx', '-s', 'reload'],
    pid: '/run/nginx.pid',
  });
});
