import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { projectRoot } from '../../testbed/root';
import { startLoad } from './load';
import { program, unit } from './programs';
import { openSite, type Site } from './site';

const path = '/etc/nginx/belay/quote.servers';
const ports = [7101, 7102, 7103];
const lines = (some: number[]) => some.map((port) => `server 127.0.0.1:${port} max_fails=3 fail_timeout=30s;`);
const spec = stringify({
  platform: 'parcel',
  proxies: { web: { kind: 'nginx', config: '/etc/nginx/belay' } },
  services: {
    quote: {
      runtime: 'systemd',
      template: 'quote@.service',
      ports: [...ports, 7104],
      instances: ports.length,
      artifact: { file: 'quote', install: '/opt/quote/%i' },
      routes: [{ proxy: 'web', backend: 'quote', port: 7101 }],
      health: { ready: { http: '/version', every: '100ms', healthy: 1, within: '3s' } },
    },
  },
});

let site: Site;
beforeAll(async () => {
  site = await openSite('web-1', { files: { 'belay.yaml': spec } });
  const { machine } = site;
  const nginx = readFileSync(join(projectRoot, 'examples/edu-agents/instances/nginx.conf'), 'utf8');
  await machine.write('/etc/nginx/nginx.conf', nginx.replaceAll('/etc/nginx/belay/api.servers', path));
  await machine.write(path, `${lines(ports).join('\n')}\n`);
  await site.install('quote@.service', unit('/opt/quote/%i %i'));
  for (const port of ports) await machine.write(`/opt/quote/${port}`, program('0'), 0o755);
  await site.shell(`systemctl daemon-reload; systemctl enable --now ${ports.map((port) => `quote@${port}`).join(' ')}`);
  await machine.exec('systemctl', ['start', 'nginx']);
});
afterAll(() => site?.close());

/** The server lines that nginx reads, without the names that Belay gives them. */
const servers = async (): Promise<string[]> =>
  (await site.machine.read(path)).split('\n').flatMap((line) => /^server .*?;/.exec(line)?.[0] ?? []);

test('instances that run behind nginx are taken over, and come back, without a lost request', async () => {
  await site.build('quote', program('1'));
  const load = await startLoad(site.machine, 80);
  await load.until('0');
  expect(await site.release()).not.toContain('-lost-');
  await load.until('1');
  // New lines judge a server as the former ones did.
  expect((await servers()).sort()).toEqual(lines([7101, 7102, 7104]));
  expect(await site.say('rollback', '--to', '0')).toMatchObject({ code: 0 });
  await load.until('0');
  expect(await load.stop()).toEqual({ lost: 0, versions: ['0', '1'] });
  expect((await servers()).sort()).toEqual(lines(ports));
});
