import { stringify } from 'yaml';
import type { DrillRecord } from '../../src/drill';
import { waitFor } from '../../testbed/wait';
import { drilledServices, drillTraces, installDrilled } from './drills';
import { startLoad } from './load';
import { asksItsAddress, haproxy, program, unit } from './programs';
import { openSite, type Site } from './site';

let site: Site;
beforeAll(async () => {
  site = await openSite('web-1', {
    files: { 'belay.yaml': spec({ none: web }) },
    before: async (machine) => {
      await machine.write('/etc/haproxy/haproxy.cfg', haproxy);
      await machine.exec('systemctl', ['enable', '--now', 'haproxy.service']);
    },
  });
});
afterAll(() => site?.close());

const quick = { every: '100ms', healthy: 1, within: '2s' };
const ready = (port: number) => ({ ready: { http: '/version', port, ...quick } });
const web = {
  runtime: 'systemd',
  unit: 'shop-web.service',
  artifact: { file: 'web', install: '/opt/shop/web' },
  env: { GREETING: 'hello' },
  health: ready(9097),
};

const spec = (services: object, platform = 'shop'): string =>
  stringify({
    platform,
    proxies: { edge: { kind: 'haproxy', socket: '/run/haproxy/admin.sock', config: '/etc/haproxy/haproxy.cfg' } },
    services,
  });

const say: Site['say'] = (...args) => site.say(...args);
const released: Site['release'] = (...args) => site.release(...args);
const write = (services: object, platform?: string) => site.worker.write({ 'belay.yaml': spec(services, platform) });
const build: Site['build'] = (...file) => site.build(...file);
const version: Site['version'] = (port) => site.version(port);
const shell: Site['shell'] = (text) => site.shell(text);
const property: Site['property'] = (...asked) => site.property(...asked);
const servers = (state: string) => ['s1', 's2'].map((one) => `set server api/${one} state ${state}`).join(';');

test('a unit that was there is taken, replaced by one restart, and given back', async () => {
  await site.machine.write('/opt/shop/web', program('0'), 0o755);
  await site.machine.write('/etc/systemd/system/shop-web.service', unit('/opt/shop/web 9097 9098'));
  await shell('systemctl daemon-reload && systemctl enable --now shop-web.service');
  await write({ web });
  await build('web', program('1'));
  const { text } = await say('plan');
  expect(text).toContain('why        it ran here before Belay');
  expect(text).toContain('web: shop-web.service is restarted by one job');
  await released();
  expect(await version(9097)).toBe('1 hello');
  expect(await shell('readlink /opt/shop/web')).toBe('.belay/shop.web/r1/web');
  await build('web', program('2'));
  expect(await released()).toContain('retire shop-web-r1-1  ');
  expect(await version(9097)).toBe('2 hello');
  expect((await say('rollback')).code).toBe(0);
  expect(await version(9097)).toBe('1 hello');
  expect((await say('rollback', '--to', '0')).code).toBe(0);
  expect(await version(9097)).toBe('0 undefined');
  expect(await property('DropInPaths', 'shop-web.service')).toBe('');
  expect((await say('drop', '--yes')).text).toContain('shop-web.service was here before Belay, and stays');
  expect(await version(9097)).toBe('0 undefined');
  expect(await shell('find /opt/shop -mindepth 1 | sort')).toBe('/opt/shop/web');
  expect(await shell('find /var/lib/belay/units /var/lib/belay/artifacts -type f')).toBe('');
});

test('a release that fails in place goes back to the version before', async () => {
  await write({ web });
  await build('web', program('1'));
  await released();
  await build('web', program('2', 'sick'));
  const { code, text } = await say('release');
  expect({ code, text }).toMatchObject({ code: 3, text: expect.stringContaining('was not ready within 2 s') });
  expect(await version(9097)).toBe('1 hello');
  expect(await property('ActiveState', 'shop-web.service')).toBe('active');
  expect(await say('plan', '--exit-code')).toMatchObject({ code: 10 });
  await write({ site: web }, 'other');
  expect((await say('plan')).text).toMatch(
    /50-belay\.conf gives shop-web\.service to shop-web-r\d+-1 of shop\/web\n +→ give each service a unit of its own/,
  );
  await write({ web });
});

test('a hotfix by hand stays beside the path', async () => {
  await write({ web: { ...web, keep: 1 } });
  await build('web', program('3'));
  await released();
  await shell('rm /opt/shop/web && cp /srv/project/web /opt/shop/web');
  await build('web', program('4'));
  expect(await released()).toContain('/opt/shop/web was replaced by hand since the last release');
  expect(await shell('cat /opt/shop/web.before-r* && rm /opt/shop/web.before-r*')).toContain('version 3');
  expect(await version(9097)).toBe('4 hello');
});

test('a rollback beyond keep asks the source, and places the files of its own revision alone', async () => {
  const latest = Number(/r(\d+)/.exec(await shell('readlink /opt/shop/web'))![1]);
  const first = String(latest - 1);
  await build('web', program('5'));
  await released();
  expect((await say('rollback', '--to', first)).text).toContain('is not what that release has run any more');
  await build('web', program('3'));
  expect((await say('rollback', '--to', first)).code).toBe(0);
  expect(await version(9097)).toBe('3 hello');
  const noted = await shell(
    'grep -oh "/opt/shop/.belay/shop.web/r[0-9]*" -r /var/lib/belay/artifacts/revisions | sort -u',
  );
  expect(await shell('ls -d /opt/shop/.belay/shop.web/* | sort')).toBe(noted);
});

test('a start that fails tells no secret of its unit', async () => {
  await site.machine.write('/etc/leak.env', 'KEY=secret-of-the-file\n', 0o600);
  await site.machine.write('/etc/leak.token', 'secret-of-the-token', 0o600);
  const environment = 'Environment=PASSWORD=secret-of-the-unit\nEnvironmentFile=/etc/leak.env\n';
  await site.machine.write('/etc/systemd/system/leak.service', unit('/opt/leak/run', environment));
  await site.machine.exec('systemctl', ['daemon-reload']);
  await build('leak', `#!/bin/sh\necho "told: $PASSWORD $KEY $(cat /etc/leak.token)"; exit 3\n`);
  const leak = {
    runtime: 'systemd',
    unit: 'leak.service',
    artifact: { file: 'leak', install: '/opt/leak/run' },
    credentials: { token: '/etc/leak.token' },
  };
  await write({ leak }, 'leaks');
  const { code, text } = await say('release');
  expect({ code, text }).toMatchObject({ code: 3, text: expect.stringContaining('told: *** *** ***') });
  expect(text).not.toContain('secret-of');
  expect((await say('drop', '--yes')).code).toBe(0);
  await write({ web });
});

test('instances of a template that run behind a proxy are taken over, replaced side by side, and come back', async () => {
  await site.machine.write('/etc/systemd/system/shop-api@.service', unit('/opt/api/%i %i'));
  for (const port of ['9001', '9002']) await site.machine.write(`/opt/api/${port}`, program('0'), 0o755);
  await shell('systemctl daemon-reload && systemctl enable --now shop-api@9001 shop-api@9002');
  await shell(`node -e "require('net').connect('/run/haproxy/admin.sock').end('${servers('ready')}\\n')"`);
  const api = {
    runtime: 'systemd',
    template: 'shop-api@.service',
    ports: [9001, 9002, 9003],
    instances: 2,
    artifact: { file: 'api', install: '/opt/api/%i' },
    routes: [{ proxy: 'edge', backend: 'api', port: 8000 }],
    health: { ready: { command: ['./up'], where: 'host', ...quick, within: '10s' } },
    drain: { deadline: '2s' },
  };
  await write({ api }, 'apis');
  await build('up', asksItsAddress);
  await build('api', program('1'));
  const load = await startLoad(site.machine, 8080);
  await load.until('0');
  await released();
  await load.until('1');
  await build('api', program('2'));
  await released();
  await load.until('2');
  expect(await load.stop()).toMatchObject({ lost: 0, versions: ['0', '1', '2'] });
  const names = "systemctl list-units --plain --no-legend 'shop-api@*' | awk '{print $1}'";
  expect((await shell(names)).split('\n')).toHaveLength(2);
  const places = (await shell(names)).split('\n').map((one) => /@(\d+)/.exec(one)![1]);
  const told = (await shell('sort -u /srv/project/told')).split('\n');
  for (const port of places)
    expect(told).toContainEqual(expect.stringMatching(`^apis-api-r2-\\d 127\\.0\\.0\\.1:${port}$`));
  await build('api', program('3', 'sick'));
  expect(await say('release')).toMatchObject({
    code: 3,
    text: expect.stringContaining('ended with 3: it answers 503'),
  });
  expect(await version(8080)).toContain('2');
  const back = await startLoad(site.machine, 8080);
  expect(await say('rollback', '--to', '0')).toMatchObject({ code: 0 });
  await back.until('0');
  expect(await back.stop()).toMatchObject({ lost: 0, versions: ['0', '2'] });
  expect((await shell(names)).split('\n')).toEqual(['shop-api@9001.service', 'shop-api@9002.service']);
  await build('api', program('4'));
  await released();
  expect((await say('drop', '--yes')).code).toBe(0);
  expect(await shell(names)).toBe('');
  expect(await shell('ls -A /opt/api')).toBe('9001\n9002');
});

test('a reboot in the middle of a release ends nothing: it goes on, and what it launched comes back', async () => {
  await write({ web });
  await build(
    'web',
    program('slow')
      .replace('server.listen(', 'setTimeout(() => server.listen(')
      .replace("['--ready']));", "['--ready'])), 4000);"),
  );
  expect((await say('release', '--detach')).code).toBe(0);
  const isStarting = async () => (await property('ActiveState', 'shop-web.service')) === 'activating';
  await waitFor({ what: 'the start of the new version', until: isStarting });
  await site.machine.restart();
  await site.worker.ready();
  const isOver = async () => /✓ .*released|is released/.test((await say('status')).text);
  await waitFor({ what: 'the end of the release', until: isOver });
  expect(await version(9097)).toBe('slow hello');
  expect(await property('UnitFileState', 'shop-web.service')).toBe('enabled');
});

test('recreate stops before it starts, and goes back the same way', async () => {
  const worker1 = {
    runtime: 'systemd',
    unit: 'shop-worker.service',
    unit_file: 'shop-worker.service',
    user: 'shop',
    artifact: { file: 'naps', install: '/opt/worker/run', group: 'shop', mode: '0750' },
    strategy: { kind: 'recreate' },
    needs: [{ service: 'web' }],
  };
  await site.worker.write({
    'shop-worker.service': unit('/opt/worker/run 1000', 'User=shop').replace('Type=notify', 'Type=exec'),
  });
  await shell('cp /usr/bin/sleep /srv/project/naps');
  await write({ web, worker: worker1 });
  const text = await released();
  expect(text.indexOf('claim web')).toBeLessThan(text.indexOf('claim worker'));
  const exe = async () => await shell('readlink /proc/$(systemctl show --value -p MainPID shop-worker.service)/exe');
  expect(await exe()).toBe('/opt/worker/.belay/shop.worker/r1/run');
  await build('naps', '#!/nonexistent\n');
  const { code, text: why } = await say('release');
  expect({ code, why }).toMatchObject({
    code: 3,
    why: expect.stringContaining('its program cannot be run (status 203)'),
  });
  expect(await exe()).toBe('/opt/worker/.belay/shop.worker/r1/run');
  expect((await say('drop', '--yes')).code).toBe(0);
  expect(await property('LoadState', 'shop-worker.service')).toBe('not-found');
  expect(await property('ActiveState', 'shop-web.service')).toBe('inactive');
  expect(await shell('ls -A /opt/worker')).toBe('');
  expect(await shell('cat /opt/shop/web')).toContain('version 0');
});

test('shutdowns of units are drilled in units of their own, which leave nothing behind', async () => {
  await installDrilled(site);
  await write(drilledServices(), 'drilled');
  const before = await drillTraces(site);
  const { code, output } = await site.worker.belay(['drill', '--all', '--json']);
  const { drills } = JSON.parse(output.trim().split('\n').at(-1)!) as { drills: DrillRecord[] };
  const found = drills.map(({ service, exitCode, findings }) => [service, exitCode, findings.map(({ id }) => id)]);
  expect({ code, found: Object.fromEntries(found.map(([name, ...rest]) => [name, rest])) }).toMatchObject({
    code: 3,
    found: {
      forks: [0, ['children']],
      ignores: [undefined, expect.arrayContaining(['no-handler', 'forced-kill', 'sockets', 'sigint'])],
      silent: [143, ['cut', 'exit-code']],
      well: [0, []],
    },
  });
  expect(await drillTraces(site)).toEqual(before);
}, 120_000);

test('a unit whose shutdown passes its drill is launched, and one that fails turns the release back', async () => {
  await installDrilled(site);
  const { well, silent } = drilledServices();
  const drill = { when: 'before', settle: '10ms', wait: '3s' };
  await write({ well, silent: { ...silent, drill, needs: [{ service: 'well' }] } }, 'drilled');
  const { code, text } = await say('release');
  expect({ code, text }).toMatchObject({
    code: 3,
    text: expect.stringContaining('the shutdown of silent failed its drill'),
  });
  expect(text).toMatch(/✓ +\d+ +well +launch/);
  expect(text).not.toMatch(/▶ +\d+ +silent +launch/);
  const units = "systemctl list-units --all --plain --no-legend 'drilled-*-drill.*'";
  expect(await shell(`${units}; ls -A /var/lib/belay/drill-units; ls /run/systemd/system | grep drill || true`)).toBe(
    '',
  );
});
