import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopUnit } from '../../src/cli/serve/stop';
import { dropUnit, putUnit, type Systemd } from '../../src/cli/serve/systemd';
import { serveUnit, systemdUnit, unitEnvironment, unitIn, workerUnit } from '../../src/cli/serve/unit';
import { belay } from './support';

const folder = mkdtempSync(join(tmpdir(), 'belay-unit-'));
afterAll(() => rmSync(folder, { recursive: true }));

const text = systemdUnit({
  unit: serveUnit,
  command: [process.execPath, '/opt/be lay/main.js', 'serve', '--port', '$7"%'],
  environment: { BELAY_HOME: '/var/lib/100% "belay"', BELAY_SPECS: '/srv/shop:/srv/$HOME\\x' },
  system: true,
});

test('the unit starts after Docker, again whenever it ends, and stops the worker before Temporal', () => {
  const lines = text.split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'After=network-online.target docker.service',
      `ExecStart="${process.execPath}" "/opt/be lay/main.js" "serve" "--port" "$$7\\"%%"`,
      'Environment="BELAY_HOME=/var/lib/100%% \\"belay\\""',
      'Environment="BELAY_SPECS=/srv/shop:/srv/$HOME\\\\x"',
      'Restart=always',
      'StartLimitIntervalSec=0',
      'KillMode=mixed',
      'TimeoutStopSec=100',
      'WantedBy=multi-user.target',
    ]),
  );
  const own = systemdUnit({ unit: workerUnit, command: ['/bin/true'], environment: {}, system: false });
  expect(own).toContain('WantedBy=default.target');
  expect(own).not.toContain('network-online');
});

// Reported as skipped on a machine without systemd's tools.
(existsSync('/usr/bin/systemd-analyze') ? test : test.skip)('systemd finds nothing wrong with it', () => {
  const path = join(folder, 'belay.service');
  writeFileSync(path, text);
  const said = execFileSync('systemd-analyze', ['verify', '--man=no', path], { stdio: 'pipe' });
  expect(said.toString()).toBe('');
});

test('only what the process needs of the environment is written down', () => {
  const env = {
    PATH: '/bin',
    HOME: '/root',
    DOCKER_HOST: '',
    DB_PASSWORD: 'secret',
    BELAY_LOG: 'warn',
    TEMPORAL_API_KEY: 'x',
  };
  expect(unitEnvironment(env, { BELAY_HOME: '/b' })).toEqual({
    PATH: '/bin',
    HOME: '/root',
    BELAY_LOG: 'warn',
    BELAY_HOME: '/b',
  });
});

test.each([
  ['0::/system.slice/belay.service', 'belay.service'],
  ['12:pids:/user.slice/user@1000.service/app.slice/belay.service\n0::/', 'belay.service'],
  ['0::/user.slice/user-1000.slice/user@1000.service/app.slice/vte-spawn-1.scope', undefined],
  ['0::/user.slice/user-0.slice/session-3.scope', undefined],
])('a process of %j is of the unit %s', (cgroup, unit) => expect(unitIn(cgroup)).toBe(unit));

describe('a unit is stopped', () => {
  const machine = '0::/system.slice/belay.service';
  const ana = '0::/user.slice/user-1000.slice/user@1000.service/app.slice/belay.service';
  const asked: string[][] = [];
  const manager = (system: boolean): Systemd => ({
    system,
    runs: true,
    folder,
    control: async (...args) => void asked.push(args),
  });

  test.each([
    [machine, true, 0],
    [ana, false, 1000],
  ])('%s by its own manager', async (cgroup, system, uid) => {
    asked.length = 0;
    await stopUnit(cgroup, manager(system), uid);
    expect(asked).toEqual([['stop', 'belay.service']]);
  });

  test.each([
    [ana, true, 0, 'user 1000', 'as that user: systemctl --user stop belay.service'],
    [ana, false, 1001, 'user 1000', 'as that user: systemctl --user stop belay.service'],
    [machine, false, 1000, 'the machine', 'as root: systemctl stop belay.service'],
  ])('%s by no other, which may have one of that name', async (cgroup, system, uid, whose, hint) => {
    asked.length = 0;
    const refused = { code: 'input-invalid', message: expect.stringContaining(whose), hint };
    await expect(stopUnit(cgroup, manager(system), uid)).rejects.toMatchObject(refused);
    expect(asked).toEqual([]);
  });
});

describe('a systemd', () => {
  const told: string[] = [];
  const systemd: Systemd = {
    system: true,
    runs: true,
    folder: join(folder, 'system'),
    control: async (...args) => void told.push(args.join(' ')),
  };
  const path = join(systemd.folder, 'belay.service');

  test('is told of a new unit, starts it with the machine, and forgets it again', async () => {
    mkdirSync(systemd.folder);
    expect(await putUnit(systemd, serveUnit, text)).toBe(path);
    expect(readFileSync(path, 'utf8')).toBe(text);
    await putUnit(systemd, serveUnit, text);
    expect(told).toEqual([1, 2].flatMap(() => ['daemon-reload', 'enable belay.service', 'restart belay.service']));
    told.length = 0;
    expect(await dropUnit(systemd, serveUnit)).toBe(path);
    expect(existsSync(path)).toBe(false);
    expect(told).toEqual(['disable --now belay.service', 'daemon-reload']);
    expect(await dropUnit(systemd, serveUnit)).toBeUndefined();
  });

  test('keeps a unit of that name that somebody else has written', async () => {
    writeFileSync(path, '[Service]\nExecStart=/bin/true\n');
    told.length = 0;
    for (const act of [() => putUnit(systemd, serveUnit, text), () => dropUnit(systemd, serveUnit)])
      await expect(act()).rejects.toMatchObject({ code: 'input-invalid', message: expect.stringContaining(path) });
    expect(told).toEqual([]);
  });
});

test('the unit is shown before anything is written', async () => {
  writeFileSync(join(folder, 'belay.yaml'), 'platform: served\nservices: { api: { image: "a:1" } }\n');
  const options = { cwd: folder, env: { BELAY_HOME: join(folder, 'home'), BELAY_TEMPORAL: '/bin/true' } };
  const { code, out } = await belay(['serve', '--install', '--dry-run', '--port', '7999'], options);
  expect(code).toBe(0);
  expect(out).toMatch(/^# \/.*\/belay\.service\n# Written by belay serve --install/);
  expect(out).toContain(`Environment="BELAY_SPECS=${folder}"`);
  expect(out).toContain('"serve" "--port" "7999"');
});

test.each([
  ['--dry-run'],
  ['--stop', '--dry-run'],
  ['--uninstall', '--dry-run'],
  ['--install', '--stop'],
  ['--install', '--uninstall'],
  ['--stop', '/srv/shop'],
  ['--uninstall', '/srv/shop'],
])('what makes no sense beside another option is refused: serve %s %s', async (...args) => {
  const { code, err } = await belay(['serve', ...args], { env: { BELAY_HOME: join(folder, 'home') } });
  expect(code).toBe(2);
  expect(err).toMatch(/--dry-run belongs to --install|cannot be used with|takes no folders/);
});
