import { unit } from './programs';
import { openUnitMachine, type UnitMachine } from './runtime';

/** How units start by themselves: at boot, and by sockets and timers. */

let here: UnitMachine;
beforeAll(async () => {
  here = await openUnitMachine('comeback');
  await here.build('naps', '#!/bin/sh\nexec sleep 1000\n');
  await here.build('bad', '#!/bin/sh\nexit 3\n');
});
afterAll(() => here?.machine.close());

const exec = (command: string, more = '') => unit(command, more).replace('Type=notify', 'Type=exec');
/** It ends badly, and systemd leaves it so. */
const mortal = (command: string) => unit(command).replace('Restart=always', '');
const enabled = async (name: string) => (await here.machine.run('systemctl', ['is-enabled', name])).output.trim();
const links = () => here.shell('ls /etc/systemd/system/multi-user.target.wants');
const active = (name: string) => here.property('ActiveState', name);
const failure = (error: Error & { code: string; hint: string }) => `${error.code}: ${error.message} -> ${error.hint}`;

test('a unit whose start has failed does not start at boot', async () => {
  await here.install({ 'api@.service': mortal('/opt/api/%i') });
  const service = { template: 'api@.service', ports: [9001, 9002], artifact: { file: 'bad', install: '/opt/api/%i' } };
  await here.release({ name: 'api', revision: 1, service, ports: { 9001: 9002 } }).then(
    () => expect('started').toBe('failed'),
    () => undefined,
  );
  expect(await enabled('api@9002.service')).toBe('enabled');
  await here.runtime.remove('shop-api-r1-1');
  expect(await enabled('api@9002.service')).toBe('disabled');
  expect(await active('api@9002.service')).toBe('inactive');
});

test('a unit that has crashed is dropped with its link of the boot', async () => {
  await here.machine.write('/srv/project/crash.service', mortal('/opt/crash/run').replace('Type=notify', 'Type=exec'));
  const service = {
    unit: 'crash.service',
    unit_file: 'crash.service',
    artifact: { file: 'naps', install: '/opt/crash/run' },
  };
  await here.release({ name: 'crash', revision: 1, service });
  expect(await links()).toContain('crash.service');
  await here.shell('systemctl kill -s KILL crash.service; until systemctl is-failed -q crash.service; do :; done');
  await here.runtime.remove('shop-crash-r1-1');
  expect(await links()).not.toContain('crash.service');
  expect(await here.property('LoadState', 'crash.service')).toBe('not-found');
});

test('a removal that is cut off goes on', async () => {
  await here.machine.write('/srv/project/cut.service', exec('/opt/cut/run'));
  // systemd forgets no unit that another one names.
  await here.install({ 'beside-cut.service': `[Unit]\nAfter=cut.service\n${exec('/bin/sleep 1000')}` });
  await here.shell('systemctl start beside-cut.service');
  const service = {
    unit: 'cut.service',
    unit_file: 'cut.service',
    artifact: { file: 'naps', install: '/opt/cut/run' },
  };
  await here.release({ name: 'cut', revision: 1, service });
  const folder = '/etc/systemd/system/cut.service.d';
  await here.shell(`mount --bind ${folder} ${folder} && mount -o remount,bind,ro ${folder}`);
  await expect(here.runtime.remove('shop-cut-r1-1')).rejects.toThrow(/read-only/i);
  await here.shell(`umount ${folder}`);
  const { object: halted, end } = await here.failing('daemon-reload');
  await expect(halted.remove('shop-cut-r1-1')).rejects.toThrow('no daemon-reload today');
  await here.runtime.remove('shop-cut-r1-1');
  expect(await here.property('LoadState', 'cut.service')).toBe('not-found');
  expect(await here.shell('ls -d /etc/systemd/system/cut* /var/lib/belay/units/shop-cut* 2>/dev/null; true')).toBe('');
  await end();
});

test('a unit that was found disabled is given back disabled, and its socket as it was', async () => {
  await here.install({
    'hand.service': exec('/opt/hand/run').replace('[Install]', '[Install]\nAlso=hand.socket'),
    'hand.socket': '[Socket]\nListenStream=127.0.0.1:7201\n[Install]\nWantedBy=sockets.target\n',
  });
  await here.machine.write('/opt/hand/run', '#!/bin/sh\nexec sleep 500\n', 0o755);
  await here.shell('systemctl enable --now hand.socket; systemctl start hand.service');
  expect(await enabled('hand.service')).toBe('disabled');
  const snapshot = await here.runtime.adoption!.snapshot('hand.service');
  const service = { unit: 'hand.service', artifact: { file: 'naps', install: '/opt/hand/run' } };
  await here.release({ name: 'hand', revision: 1, service });
  expect(await enabled('hand.service')).toBe('enabled');
  await here.runtime.create({ name: 'hand.service', template: snapshot });
  // The start is cut off once, after the drop-in has gone: the unit runs for the release still.
  const { object: halted, end } = await here.failing('restart');
  await expect(halted.start('hand.service')).rejects.toThrow('no restart today');
  expect(await here.states('hand', 'hand.service')).toMatchObject({ 'shop-hand-r1-1': 'running' });
  const run = await here.property('InvocationID', 'hand.service');
  await here.runtime.start('hand.service');
  expect(await here.property('InvocationID', 'hand.service')).not.toBe(run);
  expect(await here.states('hand', 'hand.service')).toMatchObject({ 'hand.service': 'running' });
  await here.runtime.remove('shop-hand-r1-1');
  expect([await enabled('hand.service'), await enabled('hand.socket')]).toEqual(['disabled', 'enabled']);
  expect([await active('hand.service'), await active('hand.socket')]).toEqual(['active', 'active']);
  await end();
});

describe('a unit with a socket and a timer', () => {
  const service = { unit: 'knock.service', artifact: { file: 'knock', install: '/opt/knock/run' } };
  const build = (atStart: string) =>
    here.build(
      'knock',
      `#!/usr/bin/node\n${atStart}\nrequire('node:http').createServer().listen({ fd: 3 });\nprocess.on('SIGTERM', () => process.exit(0));\n`,
    );
  const state = async (name: string) => `${await active(name)} ${await enabled(name)}`;
  const all = async () => [await state('knock.service'), await state('knock.socket'), await state('knock.timer')];
  beforeAll(async () => {
    await here.install({
      'knock.service': mortal('/opt/knock/run').replace('Type=notify', 'Type=exec'),
      'knock.socket': '[Socket]\nListenStream=127.0.0.1:7202\n[Install]\nWantedBy=sockets.target\n',
      'knock.timer': '[Timer]\nOnCalendar=2099-01-01\n[Install]\nWantedBy=timers.target\n',
    });
    await here.shell('systemctl enable --now knock.socket knock.timer; systemctl stop knock.timer');
  });

  test('leaves those alone that people have stopped', async () => {
    await build('');
    await here.release({ name: 'knock', revision: 1, service });
    expect(await all()).toEqual(['active enabled', 'active enabled', 'inactive enabled']);
    await here.release({ name: 'knock', revision: 2, service });
    expect(await all()).toEqual(['active enabled', 'active enabled', 'inactive enabled']);
  });

  test('is stopped with all that would start it again, and comes back with all that was there', async () => {
    await here.runtime.signal('shop-knock-r2-1', 'SIGTERM');
    await here.runtime.ended('shop-knock-r2-1', new AbortController().signal);
    await here.runtime.remove('shop-knock-r2-1');
    expect(await all()).toEqual(['inactive disabled', 'inactive disabled', 'inactive disabled']);
    await here.release({ name: 'knock', revision: 3, service });
    expect(await all()).toEqual(['active enabled', 'active enabled', 'inactive enabled']);
    expect(await here.shell('ls /var/lib/belay/triggers')).toBe('');
  });

  test('gets back a socket that has failed with a bad version', async () => {
    await build('process.exit(1);');
    await here.release({ name: 'knock', revision: 4, service }).catch(() => undefined);
    const knock = "node -e \"require('node:net').connect(7202, '127.0.0.1').on('error', () => 0)\"";
    await here.shell(`until systemctl is-failed -q knock.socket; do timeout 1 ${knock}; done`);
    await build('');
    await here.release({ name: 'knock', revision: 5, service });
    expect(await all()).toEqual(['active enabled', 'active enabled', 'inactive enabled']);
  });

  test('is dropped with its socket after a crash', async () => {
    await here.shell('systemctl kill -s KILL knock.service; until systemctl is-failed -q knock.service; do :; done');
    await here.runtime.remove('shop-knock-r5-1');
    expect(await all()).toEqual(['inactive disabled', 'inactive disabled', 'inactive disabled']);
  });
});

test('the first start of a unit starts the socket that the next boot would start', async () => {
  await here.install({
    'fresh.service': exec('/opt/fresh/run'),
    'fresh.socket': '[Socket]\nListenStream=127.0.0.1:7203\n[Install]\nWantedBy=sockets.target\n',
    'fresh.timer': '[Timer]\nUnit=fresh.service\nOnCalendar=2099-01-01\n',
  });
  await here.shell('systemctl enable fresh.socket');
  const service = { unit: 'fresh.service', artifact: { file: 'naps', install: '/opt/fresh/run' } };
  await here.release({ name: 'fresh', revision: 1, service });
  expect([await active('fresh.socket'), await active('fresh.timer')]).toEqual(['active', 'inactive']);
});

test('a unit that systemd cannot enable is not handed over, and the one before runs on', async () => {
  const service = { unit: 'named.service', artifact: { file: 'naps', install: '/opt/named/run' } };
  await here.install({ 'named.service': exec('/opt/named/run') });
  await here.release({ name: 'named', revision: 1, service });
  const run = await here.property('InvocationID', 'named.service');
  await here.install({
    'named.service': exec('/opt/named/run').replace('[Install]', '[Install]\nAlias=taken.service'),
    'taken.service': exec('/bin/sleep 1000'),
  });
  const why = await here.release({ name: 'named', revision: 2, service }).then(() => 'released', failure);
  expect(why).toMatch(
    /^launch-failed: shop-named-r2-1: named\.service would not start with the host: .*taken\.service already exists.* -> look at \[Install\]/,
  );
  await here.runtime.start('shop-named-r1-1');
  await here.runtime.remove('shop-named-r2-1');
  expect(await here.property('InvocationID', 'named.service')).toBe(run);
  expect(await here.states('named')).toEqual({ 'shop-named-r1-1': 'running' });
});

test('a stop that cannot keep the unit from the next boot is none', async () => {
  const folder = '/etc/systemd/system/multi-user.target.wants';
  await here.install({ 'stays.service': exec('/opt/stays/run') });
  const service = { unit: 'stays.service', artifact: { file: 'naps', install: '/opt/stays/run' } };
  await here.release({ name: 'stays', revision: 1, service });
  await here.shell(`mount --bind ${folder} ${folder} && mount -o remount,bind,ro ${folder}`);
  const why = await here.runtime.signal('shop-stays-r1-1', 'SIGTERM').then(() => 'stopped', failure);
  await here.shell(`umount ${folder}`);
  expect(why).toMatch(/^launch-failed: stays\.service would still start with the host: .*[Rr]ead-only/);
  expect(await active('stays.service')).toBe('active');
  await here.runtime.remove('shop-stays-r1-1');
  expect(await enabled('stays.service')).toBe('disabled');
});
