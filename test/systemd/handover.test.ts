import { waitFor } from '../../testbed/wait';
import { ask, program, unit } from './programs';
import { openUnitMachine, releasing, type UnitMachine } from './runtime';

/** One instance after the other on one unit, by the adapter alone. */

let here: UnitMachine;
beforeAll(async () => {
  here = await openUnitMachine('handover');
});
afterAll(() => here?.machine.close());

const version = (port: number) => here.machine.exec('node', ['-e', ask, `http://127.0.0.1:${port}/version`]);

test('one job hands the unit over, and the one before has ended well', async () => {
  await here.install({
    'web.service': unit('/opt/web/run 7101', 'KillSignal=SIGINT').replace("'SIGTERM'", "'SIGINT'"),
  });
  const service = {
    unit: 'web.service',
    artifact: { file: 'web', install: '/opt/web/run' },
    health: { ready: { tcp: 7101 } },
  };
  await here.build('web', program('1').replaceAll('SIGTERM', 'SIGINT'));
  await here.release({ name: 'web', revision: 1, service });
  await here.build('web', program('2').replaceAll('SIGTERM', 'SIGINT'));
  await here.release({ name: 'web', revision: 2, service });
  expect(await version(7101)).toContain('2');
  expect(await here.states('web')).toEqual({ 'shop-web-r1-1': 'exited 0', 'shop-web-r2-1': 'running' });
  expect(await here.runtime.logTail('shop-web-r1-1', 1)).toBe('version 1');
  expect(await here.runtime.logTail('shop-web-r2-1', 1)).toBe('version 2');
  await here.runtime.start('shop-web-r1-1');
  expect(await version(7101)).toContain('1');
  expect(await here.states('web')).toEqual({ 'shop-web-r1-1': 'running', 'shop-web-r2-1': 'exited 0' });
  await here.runtime.remove('shop-web-r2-1');
  expect(await version(7101)).toContain('1');
});

test('until the restart, the unit is that of the one before, and goes back without a restart', async () => {
  const { object: halted, end } = await here.failing('restart');
  const service = {
    unit: 'web.service',
    artifact: { file: 'web', install: '/opt/web/run' },
    health: { ready: { tcp: 7101 } },
  };
  const run = await here.property('InvocationID', 'web.service');
  await here.build('web', program('3').replaceAll('SIGTERM', 'SIGINT'));
  await expect(releasing(halted).release({ name: 'web', revision: 3, service })).rejects.toMatchObject({
    code: 'launch-failed',
  });
  expect(await here.states('web')).toEqual({ 'shop-web-r1-1': 'running', 'shop-web-r3-1': 'exited' });
  await here.runtime.start('shop-web-r1-1');
  expect(await here.property('InvocationID', 'web.service')).toBe(run);
  expect(await here.shell('readlink /opt/web/run')).toContain('/r1/');
  await here.runtime.start('shop-web-r3-1');
  expect(await version(7101)).toContain('3');
  expect(await here.states('web')).toEqual({ 'shop-web-r1-1': 'exited 0', 'shop-web-r3-1': 'running' });
  await end();
});

test('a process that ignores its signal is killed by systemd, and that is told', async () => {
  const text = unit('/opt/deaf/run').replace('TimeoutStopSec=5s', 'TimeoutStopSec=500ms');
  await here.install({ 'deaf.service': text.replace('Type=notify', 'Type=exec') });
  await here.build(
    'deaf',
    "#!/usr/bin/node\nprocess.on('SIGTERM', () => undefined);\nsetInterval(() => undefined, 1000);\nconsole.log('up');\n",
  );
  const name = await here.release({
    name: 'deaf',
    revision: 1,
    service: { unit: 'deaf.service', artifact: { file: 'deaf', install: '/opt/deaf/run' } },
  });
  await waitFor({ what: 'the program', until: async () => (await here.runtime.logTail(name, 1)) === 'up' });
  await here.runtime.signal(name, 'SIGTERM');
  await here.runtime.ended(name, new AbortController().signal);
  expect(await here.states('deaf')).toEqual({ [name]: 'exited 137' });
});

test('a socket of the unit waits through the restart, and ends with the instance', async () => {
  await here.install({
    'lazy.socket': '[Socket]\nListenStream=127.0.0.1:7102\n[Install]\nWantedBy=sockets.target\n',
    'lazy.service': '[Service]\nExecStart=/opt/lazy/run\n',
  });
  await here.machine.exec('systemctl', ['enable', '--now', 'lazy.socket']);
  const text = (name: string) =>
    `#!/usr/bin/node\nrequire('node:http').createServer((_, answer) => answer.end('${name}')).listen({ fd: 3 });\nprocess.on('SIGTERM', () => setTimeout(() => process.exit(0), 300));\n`;
  const service = {
    unit: 'lazy.service',
    artifact: { file: 'lazy', install: '/opt/lazy/run' },
    health: { ready: { tcp: 7102 } },
  };
  expect(Object.values(await here.states('lazy', 'lazy.service'))).toEqual(['running']);
  await here.build('lazy', text('1'));
  await here.release({ name: 'lazy', revision: 1, service });
  expect(await version(7102)).toBe('1');
  await here.build('lazy', text('2'));
  const replaced = here.release({ name: 'lazy', revision: 2, service });
  const answers: string[] = [];
  let isOver = false;
  void replaced.finally(() => {
    isOver = true;
  });
  while (!isOver) answers.push(await version(7102));
  await replaced;
  expect([...new Set([...answers, await version(7102)])].sort()).toEqual(['1', '2']);
  await here.runtime.signal('shop-lazy-r2-1', 'SIGTERM');
  await here.runtime.ended('shop-lazy-r2-1', new AbortController().signal);
  expect(await here.property('ActiveState', 'lazy.socket')).toBe('inactive');
  expect((await here.states('lazy'))['shop-lazy-r2-1']).toMatch('exited');
});

test('a program of another revision is found by the kernel’s link to it, whatever its name', async () => {
  await here.shell('cp /usr/bin/sleep /srv/project/naps; echo 1 >> /srv/project/naps');
  await here.install({ 'naps.service': unit('/opt/naps/run 1000').replace('Type=notify', 'Type=exec') });
  const service = { unit: 'naps.service', artifact: { file: 'naps', install: '/opt/naps/run' } };
  await here.release({ name: 'naps', revision: 1, service });
  await here.machine.write(
    '/etc/systemd/system/naps.service.d/90-mine.conf',
    '[Service]\nExecStart=\nExecStart=/opt/naps/.belay/shop.naps/r1/run 1000\n',
  );
  await here.shell('echo 2 >> /srv/project/naps; systemctl daemon-reload');
  await expect(here.release({ name: 'naps', revision: 2, service })).rejects.toMatchObject({
    code: 'launch-failed',
    message: expect.stringMatching(
      /naps\.service runs \/opt\/naps\/\.belay\/shop\.naps\/r1\/run, which is not of revision 2/,
    ),
  });
  // A worker that was killed before that look starts it again.
  await expect(here.runtime.start('shop-naps-r2-1')).rejects.toMatchObject({
    message: expect.stringContaining('which is not of revision 2'),
  });
});

test('a start that fails before its unit is its own leaves link, unit file and process to the one before', async () => {
  const service = {
    unit: 'kept.service',
    unit_file: 'kept.service',
    artifact: { file: 'kept', install: '/opt/kept/run' },
  };
  const describe = (text: string) =>
    here.build('kept.service', unit('/opt/kept/run', `Environment=TEXT=${text}`).replace('Type=notify', 'Type=exec'));
  await here.build('kept', '#!/bin/sh\nexec sleep 1000\n');
  await describe('one');
  await here.release({ name: 'kept', revision: 1, service });
  const run = await here.property('InvocationID', 'kept.service');
  await here.build('kept', '#!/bin/sh\nexec sleep 2000\n');
  await describe('two');
  const folder = '/etc/systemd/system/kept.service.d';
  await here.shell(`mount --bind ${folder} ${folder} && mount -o remount,bind,ro ${folder}`);
  await expect(here.release({ name: 'kept', revision: 2, service })).rejects.toThrow('read-only');
  await here.shell(`umount ${folder}`);
  expect(await here.shell('readlink /opt/kept/run')).toContain('/r2/');
  await here.runtime.start('shop-kept-r1-1');
  expect(await here.shell('readlink /opt/kept/run')).toContain('/r1/');
  expect(await here.property('Environment', 'kept.service')).toBe('TEXT=one');
  expect(await here.property('InvocationID', 'kept.service')).toBe(run);
  // The drop-in is in a folder of its own: systemd does not see by itself that it is new.
  await here.runtime.remove('shop-kept-r1-1');
  await here.machine.write('/etc/systemd/system/kept.service', await here.machine.read('/srv/project/kept.service'));
  const { object: halted, end } = await here.failing('daemon-reload');
  const { unit_file: _, ...own } = service;
  await here.shell('systemctl daemon-reload');
  await expect(releasing(halted).release({ name: 'kept', revision: 3, service: own })).rejects.toThrow(
    'no daemon-reload',
  );
  await here.runtime.start('shop-kept-r3-1');
  expect(await here.property('DropInPaths', 'kept.service')).toContain('50-belay.conf');
  await end();
});

test('a start that waits for its turn, as at boot, is no end of the instance', async () => {
  await here.install({
    'slow.service': '[Service]\nType=oneshot\nExecStart=/bin/sh -c "until [ -e /run/go-on ]; do sleep 0.1; done"\n',
    'late.service': `[Unit]\nAfter=slow.service\n${unit('/opt/late/run').replace('Type=notify', 'Type=exec')}`,
  });
  await here.build('late', '#!/bin/sh\nexec sleep 1000\n');
  const service = { unit: 'late.service', artifact: { file: 'late', install: '/opt/late/run' } };
  await here.release({ name: 'late', revision: 1, service });
  await here.shell('systemctl stop late.service && systemctl start --no-block slow.service late.service');
  expect(await here.property('ActiveState', 'late.service')).toBe('inactive');
  expect(await here.states('late')).toEqual({ 'shop-late-r1-1': 'running' });
  let hasEnded = false;
  const ended = here.runtime.ended('shop-late-r1-1', new AbortController().signal).then(() => {
    hasEnded = true;
  });
  await here.shell('touch /run/go-on');
  // Longer than between two looks at it.
  const hasRun = async () =>
    Number(await here.shell('ps -o etimes= -p $(systemctl show --value -p MainPID late.service)'));
  await waitFor({ what: 'a while after the start', until: async () => (await hasRun()) >= 2 });
  expect(await here.states('late')).toEqual({ 'shop-late-r1-1': 'running' });
  expect(hasEnded).toBe(false);
  await here.shell('systemctl stop late.service');
  await ended;
});
