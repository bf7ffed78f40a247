import type { Source } from '../../src/backups/source';
import type { Runtime } from '../../src/runtimes/runtime';
import { bootMachine, type Machine } from '../../testbed/systemd/machine';
import { waitFor } from '../../testbed/wait';
import { program, unit } from './programs';
import { type Remote, remote } from './remote';
import { type Releasing, releasing, runtimeIn } from './runtime';
import { unitChecks } from './unit-checks';

let machine: Machine;
let there: Remote<Runtime>;
let release: Releasing['release'];
let plan: Releasing['plan'];
beforeAll(async () => {
  machine = await bootMachine({ name: 'units' });
  there = await runtimeIn(machine, { home: '/var/lib/belay' });
  ({ release, plan } = releasing(there.object));
});
afterAll(() => machine?.close());

const shell = (text: string) => machine.exec('sh', ['-c', text]);
const property = (name: string, of: string) => machine.exec('systemctl', ['show', '--value', '-p', name, of]);
const build = (name: string, text: string, mode = 0o755) => machine.write(`/srv/project/${name}`, text, mode);
const install = async (name: string, text: string) => {
  await machine.write(`/etc/systemd/system/${name}`, text);
  await machine.exec('systemctl', ['daemon-reload']);
};
const exec = (command: string, more = '') => unit(command, more).replace('Type=notify', 'Type=exec');

describe('a start that fails says why', () => {
  const failing = async (name: string, file: string, text: string) => {
    await install(`${name}.service`, text);
    return await release({
      name,
      revision: 1,
      service: { unit: `${name}.service`, artifact: { file, install: `/opt/${name}/run` } },
    }).then(
      () => 'started',
      (error: Error & { code: string; hint: string }) => `${error.code}: ${error.message} -> ${error.hint}`,
    );
  };

  test.each([
    [
      'of a program for another machine',
      'alien',
      `\x7fELF\x02\x01\x01${'\0'.repeat(9)}\x02\0\x02\0\x01${'\0'.repeat(43)}`,
      /launch-failed: shop-alien-r1-1: alien\.service did not start: its program cannot be run \(status 203\)[\s\S]*Exec format error[\s\S]*-> the program is made for another machine/,
    ],
    [
      'of an interpreter that is not there',
      'lost',
      '#!/nonexistent/python\n',
      /status 203[\s\S]*No such file or directory/,
    ],
    [
      'of a program that exits',
      'ends',
      '#!/bin/sh\necho "shop: bad configuration"; exit 3\n',
      /ends\.service did not start[\s\S]*bad configuration/,
    ],
    [
      'of a missing library',
      'libless',
      '#!/bin/sh\necho "run: error while loading shared libraries: libssl.so.1.1: cannot open shared object file" >&2; exit 127\n',
      /libssl\.so\.1\.1[\s\S]*-> install the library that it names/,
    ],
  ])('%s', async (_title, name, text, words) => {
    await build(name, text);
    expect(
      await failing(name, name, (name === 'ends' || name === 'libless' ? unit : exec)(`/opt/${name}/run`)),
    ).toMatch(words);
  });

  test.each([
    ['ExecStartPre', '/bin/sh -c "exit 4"', 'ExecStartPre=/bin/sh failed: it exited with code 4'],
    ['ExecStartPre', '/nonexistent/check', 'ExecStartPre=/nonexistent/check failed: its program cannot be run'],
    ['ExecStartPost', '/bin/sh -c "exit 5"', 'ExecStartPost=/bin/sh failed: it exited with code 5'],
  ])('of a command beside the program: %s=%s', async (setting, command, words) => {
    await build('beside', '#!/bin/sh\nexec sleep 1000\n');
    const text = exec('/opt/beside/run', `${setting}=/bin/true\n${setting}=${command}`);
    expect(await failing('beside', 'beside', text.replace('Restart=always', ''))).toContain(words);
    await there.object.remove('shop-beside-r1-1');
  });

  test('of a program that its user may not run', async () => {
    await build('closed', '#!/bin/sh\nexec sleep 100\n');
    await install('closed.service', exec('/opt/closed/run', 'User=nobody'));
    const service = { unit: 'closed.service', artifact: { file: 'closed', install: '/opt/closed/run', mode: '0750' } };
    await expect(release({ name: 'closed', revision: 1, service })).rejects.toMatchObject({
      code: 'launch-failed',
      message: expect.stringMatching(/status 203[\s\S]*Permission denied/),
      hint: expect.stringContaining('owner, group and mode'),
    });
  });

  test('of a taken port, before anything is changed', async () => {
    await build('port', program('1'));
    await install('port.service', unit('/opt/port/run 7001'));
    await machine.exec('systemd-run', [
      '--unit=holder',
      '/usr/bin/node',
      '-e',
      "require('node:http').createServer().listen(7001, '127.0.0.1')",
    ]);
    const service = {
      unit: 'port.service',
      artifact: { file: 'port', install: '/opt/port/run' },
      health: { ready: { tcp: 7001 } },
    };
    await shell(
      "until node -e \"fetch('http://127.0.0.1:7001', { signal: AbortSignal.timeout(500) }).catch((e) => process.exit(e.name === 'TimeoutError' ? 0 : 1))\"; do :; done",
    );
    await expect(release({ name: 'port', revision: 1, service })).rejects.toMatchObject({
      code: 'launch-failed',
      message: expect.stringMatching(
        /port 7001 of port\.service is already in use by node \(process \d+, holder\.service\)/,
      ),
    });
    expect(await shell('ls /etc/systemd/system/port.service.d 2>/dev/null; true')).toBe('');
  });

  test('of a unit that was started too often, which is reset for the next version', async () => {
    await build('often', '#!/bin/sh\nexit 1\n');
    const limited = unit('/opt/often/run')
      .replace('[Service]', 'StartLimitBurst=2\nStartLimitIntervalSec=1h\n[Service]')
      .replace('Type=notify', 'Type=exec');
    await install('often.service', limited);
    const service = { unit: 'often.service', artifact: { file: 'often', install: '/opt/often/run' } };
    await release({ name: 'often', revision: 1, service }).catch(() => undefined);
    await shell('until [ "$(systemctl is-active often.service)" = failed ]; do :; done');
    await build('often', '#!/bin/sh\nexec sleep 1000\n');
    await release({ name: 'often', revision: 2, service });
    expect(await property('ActiveState', 'often.service')).toBe('active');
  });
});

describe('a unit that Belay installs', () => {
  const service = {
    unit: 'made.service',
    unit_file: './made.service',
    user: 'shop',
    artifact: { folder: 'made', install: '/opt/made/app', owner: 'root', group: 'shop', mode: '0750' },
    env: { GREETING: 'a "b" \\c %d' },
    env_files: ['/etc/made.env'],
    credentials: { token: '/etc/made.token' },
    settings: { MemoryMax: '256M', LimitNOFILE: 4321 },
    stop: { grace: '3s' },
  };
  beforeAll(async () => {
    await machine.write('/etc/made.env', 'FROM_FILE=very-secret\n', 0o600);
    await machine.write('/etc/made.token', 'token-secret', 0o600);
    await build('made.service', exec('/opt/made/app/bin/run', 'User=shop'), 0o644);
    await build('made/bin/run', '#!/bin/sh\nenv; echo up; exec sleep 1000\n');
    await build('made/config.toml', 'a = 1\n', 0o644);
  });

  test('runs as its user, with files, modes, settings and credentials as written', async () => {
    await release({ name: 'made', revision: 1, service });
    expect(await property('User', 'made.service')).toBe('shop');
    expect(await property('MemoryMax', 'made.service')).toBe('268435456');
    expect(await property('LimitNOFILE', 'made.service')).toBe('4321');
    expect(await property('UnitFileState', 'made.service')).toBe('enabled');
    const modes = await shell('cd /opt/made/app/ && stat -c "%a %U:%G %n" . bin bin/run config.toml');
    expect(modes).toBe('750 root:shop .\n750 root:shop bin\n550 root:shop bin/run\n640 root:shop config.toml');
    const log = () => there.object.logTail('shop-made-r1-1', 50);
    await waitFor({ what: 'the log', until: async () => (await log()).includes('\nup') });
    expect(await log()).toContain('GREETING=a "b" \\c %d');
    expect(await log()).toContain('FROM_FILE=very-secret');
    // A container has no file system that other users may read credentials on.
    expect(await log()).toContain('CREDENTIALS_DIRECTORY=/run/credentials/made.service');
    const written = await shell('cat /etc/systemd/system/made.service.d/*.conf');
    expect(written).not.toMatch(/secret/);
    expect(written).toContain('LoadCredential=token:/etc/made.token');
    expect(written).toContain('[X-Belay]\nPlatform=shop\nService=made\nRevision=1\nInstance=shop-made-r1-1\n');
  });

  test('is told apart from another by everything that it is told, and by nothing else', async () => {
    const told = async (more: object) => {
      const sources = await plan({ name: 'made', service: { ...service, ...more } });
      return await sources.told('made', { digest: 'sha256:1', ports: [], routes: [], stop: { grace: 1 } });
    };
    const first = await told({});
    expect(await told({})).toEqual(first);
    expect(JSON.stringify(first)).not.toMatch(/secret/);
    const changed = async (more: object) => {
      const now = await told(more);
      return Object.keys(now).filter((key) => JSON.stringify(now[key]) !== JSON.stringify(first[key]));
    };
    expect(await changed({ settings: { MemoryMax: '1G' } })).toEqual(['settings']);
    expect(await changed({ env: {} })).toEqual(['env']);
    expect(await changed({ credentials: {} })).toEqual(['credentials']);
    await machine.write('/etc/made.env', 'FROM_FILE=other\n', 0o600);
    expect(await changed({})).toEqual(['env files']);
    await build('made.service', exec('/opt/made/app/bin/run', 'User=shop\nNice=5'), 0o644);
    expect(await changed({})).toEqual(['unit', 'env files']);
  });

  test('goes with its last instance: unit, drop-in and files, and nothing else', async () => {
    await there.object.remove('shop-made-r1-1');
    for (const { tag } of await there.object.artifacts.kept({ platform: 'shop', service: 'made' }))
      await there.object.artifacts.drop(tag);
    expect(await property('LoadState', 'made.service')).toBe('not-found');
    expect(await shell('ls -d /etc/systemd/system/made* /opt/made/* /opt/made/.belay 2>/dev/null; true')).toBe('');
    expect(await shell('ls /etc/made.env /etc/made.token; id -u shop >/dev/null && echo user')).toContain('user');
  });
});

describe('a plan refuses', () => {
  const problemOf = async (service: object) => (await plan({ name: 'web', service })).facts('web').problems[0]?.why;

  test.each([
    ['a unit that is not there', '', { unit: 'none.service' }, 'there is no unit none.service on this host'],
    [
      'a masked unit',
      'ln -sf /dev/null /etc/systemd/system/hidden.service',
      { unit: 'hidden.service' },
      'hidden.service is masked, so that nothing can start it',
    ],
    [
      'a link elsewhere',
      'cp /etc/systemd/system/port.service /opt/linked.service; systemctl link /opt/linked.service',
      { unit: 'linked.service' },
      'linked.service is a symbolic link; Belay disables units, and that would delete the link',
    ],
    [
      'another name of a unit',
      'ln -sf /etc/systemd/system/port.service /etc/systemd/system/alias.service',
      { unit: 'alias.service' },
      'alias.service is another name of port.service',
    ],
    [
      'a unit without [Install]',
      'sed /Install/,$\\d /etc/systemd/system/port.service > /etc/systemd/system/static.service',
      { unit: 'static.service' },
      'static.service has no WantedBy= in [Install], so that it would not start again with the host',
    ],
    [
      'a unit that ends by itself',
      'sed s/Type=notify/Type=oneshot/\\;s/^Restart=.*// /etc/systemd/system/port.service > /etc/systemd/system/once.service',
      { unit: 'once.service' },
      'once.service ends by itself (Type=oneshot)',
    ],
    [
      'a transient unit',
      '',
      { unit: 'holder.service' },
      'holder.service is a transient unit (systemd-run), which is gone once it has stopped',
    ],
    [
      'a generated unit',
      "printf '#!/bin/sh\\n### BEGIN INIT INFO\\n# Provides: old\\n# Default-Start: 2\\n### END INIT INFO\\n' > /etc/init.d/old; chmod +x /etc/init.d/old",
      { unit: 'old.service' },
      'old.service is generated anew at each boot and reload (/run/systemd/generator.late/old.service)',
    ],
    [
      'a unit of another service',
      '',
      { unit: 'often.service' },
      '/etc/systemd/system/often.service.d/50-belay.conf gives often.service to shop-often-r2-1 of shop/often',
    ],
    [
      'a unit that systemd cannot read',
      'printf "[Service]\\nType=oneshot\\n[Install]\\nWantedBy=multi-user.target\\n" > /etc/systemd/system/broken.service',
      { unit: 'broken.service' },
      'broken.service cannot be loaded',
    ],
    [
      'a unit file that is not there',
      '',
      { unit: 'w.service', unit_file: 'w.service' },
      'unit_file: w.service is not there',
    ],
    [
      "somebody's own unit file in its place",
      'cp /etc/systemd/system/port.service /srv/project/port.service',
      { unit: 'port.service', unit_file: 'port.service' },
      '/etc/systemd/system/port.service stands on this host already, and port.service would replace it',
    ],
    [
      'a unit file of the distribution in its place',
      'cp /etc/systemd/system/port.service /lib/systemd/system/theirs.service; cp /etc/systemd/system/port.service /srv/project/theirs.service',
      { unit: 'theirs.service', unit_file: 'theirs.service' },
      '/lib/systemd/system/theirs.service stands on this host already, and theirs.service would replace it',
    ],
    [
      'a missing env file',
      '',
      { unit: 'port.service', env_files: ['/etc/none.env'] },
      'env_files: /etc/none.env is not there',
    ],
    [
      'a missing credential',
      '',
      { unit: 'port.service', credentials: { a: '/etc/none' } },
      'credentials.a: /etc/none is not there',
    ],
  ])('%s', async (_title, before, service, words) => {
    await shell(`${before || 'true'}; systemctl daemon-reload`);
    expect(await problemOf(service)).toContain(words);
  });

  test.each([
    ['a file that is not there', { file: 'none' }, 'image-unknown: /srv/project/none is not on this host'],
    ['a folder as a file', { file: 'made' }, 'image-unknown: /srv/project/made is a folder'],
    ['another checksum', { file: 'port', sha256: 'a'.repeat(64) }, 'aaaaaaaaaaaa… was expected'],
    ['a name without its version', { file: 'port-{version}' }, 'names no version'],
  ])('%s', async (_title, source, words) => {
    const sources = await plan({
      name: 'web',
      service: { unit: 'port.service', artifact: { ...source, install: '/opt/x' } },
    });
    const pinned = there.object.artifacts.pin({ ref: sources.facts('web').artifact! });
    expect(await pinned.catch((error) => `${error.code}: ${error.message}`)).toContain(words);
  });
});

test('a unit file that a restore brings is in force at once, and so is the former one after its undo', async () => {
  const path = '/etc/systemd/system/restored.service';
  const text = exec('/bin/sleep 1000');
  await install('restored.service', text);
  await machine.exec('systemctl', ['start', 'restored.service']);
  await machine.write(`${path}.new-r1`, text.replace(/^Description=.*$/m, 'Description=Restored'));
  const module = '/opt/belay/dist/src/backups/sources/files.js';
  const source = await remote<Source>(machine, { module, name: 'filesSource', args: [{ paths: [path] }] });
  const { signal } = new AbortController();
  try {
    await source.object.swap!.exchange('r1', signal);
    expect(await property('Description', 'restored.service')).toBe('Restored');
    await source.object.swap!.back('r1', signal);
    expect(await property('Description', 'restored.service')).toBe('A program of the shop');
  } finally {
    await source.end();
    await machine.exec('systemctl', ['stop', 'restored.service']);
  }
});

unitChecks(() => ({ machine, runtime: there.object }));
