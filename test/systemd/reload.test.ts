import { waitFor } from '../../testbed/wait';
import { unit } from './programs';
import { openUnitMachine, releasing, type UnitMachine } from './runtime';

/** A unit that is told of new files by a reload, and by a restart of all else. */

let here: UnitMachine;
beforeAll(async () => {
  here = await openUnitMachine('reload');
  await here.machine.write('/etc/calm.env', 'FROM_FILE=one\n', 0o600);
  await here.machine.write('/etc/calm.token', 'one', 0o600);
  await here.install({ 'calm.service': text() });
  await program('renew');
  await next();
});
afterAll(() => here?.machine.close());

const text = (more = '') =>
  unit(
    '/usr/local/bin/calm-main',
    `ExecReload=/bin/sh -c "kill -HUP $MAINPID; exit $(cat /run/reload 2>/dev/null || echo 0)"\n${more}`,
  ).replace('Type=notify', 'Type=exec');

/** A main process that has a worker; at a reload it runs the function. */
const program = (atReload: string) =>
  here.machine.write(
    '/usr/local/bin/calm-main',
    `#!/usr/bin/node
const { spawn } = require('node:child_process');
let worker;
const renew = () => {
  worker?.kill();
  worker = spawn('/bin/sleep', ['1000']);
};
renew();
process.on('SIGHUP', ${atReload});
console.log('up');
`,
    0o755,
  );

let revision = 0;
/** Releases other files, and all else as it is written. Returns the pids of the main process before and after. */
async function next({ more = {}, releases = here as Pick<UnitMachine, 'release'> } = {}) {
  revision += 1;
  const before = await pid();
  await here.build('calm/config', String(revision));
  const service = {
    unit: 'calm.service',
    artifact: { folder: 'calm', install: '/opt/calm/app' },
    strategy: { kind: 'in-place', reload: true },
    env_files: ['/etc/calm.env'],
    credentials: { token: '/etc/calm.token' },
    ...more,
  };
  await releases.release({ name: 'calm', revision, service });
  await isUp();
  return { before, after: await pid() };
}

const pid = () => here.property('MainPID', 'calm.service');
const name = (number = revision) => `shop-calm-r${number}-1`;
/** Before that line a signal would end it. */
const isUp = () =>
  waitFor({
    what: 'the program',
    until: async () => (await here.shell(`journalctl -o cat _PID=${await pid()}`)) === 'up',
  });

test('keeps the main process where files alone have changed, once a new generation is there', async () => {
  const { before, after } = await next();
  expect(after).toBe(before);
  expect(await here.states('calm')).toMatchObject({ [name()]: 'running' });
  expect(await here.shell('cat /opt/calm/app/config')).toBe(String(revision));
});

test.each([
  ['settings of the spec', async () => undefined, { env: { A: 'b' } }],
  ['the content of an env file', () => here.machine.write('/etc/calm.env', 'FROM_FILE=two\n', 0o600), {}],
  ['the content of a credential', () => here.machine.write('/etc/calm.token', 'two', 0o600), {}],
  ["the host's text of the unit", () => here.machine.write('/etc/systemd/system/calm.service', text('Nice=5')), {}],
])('a process that has to be told is restarted: %s', async (_title, change, more) => {
  await next({ more });
  const same = await next({ more });
  expect(same.after).toBe(same.before);
  await change();
  const { before, after } = await next({ more: Object.keys(more).length > 0 ? {} : more });
  expect(after).not.toBe(before);
});

test('a start that is cut off before its restart is no reload afterwards', async () => {
  const { object: halted, end } = await here.failing('restart');
  const before = await pid();
  await expect(next({ more: { env: { A: 'c' } }, releases: releasing(halted) })).rejects.toThrow('no restart today');
  await here.runtime.start(name());
  expect(await pid()).not.toBe(before);
  expect(await here.shell(`tr '\\0' '\\n' < /proc/${await pid()}/environ`)).toContain('A=c');
  await isUp();
  await end();
});

test('after a reload that failed, the one before is started anew', async () => {
  await next();
  const before = await pid();
  await here.shell('echo 7 > /run/reload');
  await expect(next()).rejects.toMatchObject({ code: 'launch-failed' });
  expect(await pid()).toBe(before);
  // The start is cut off once, after the unit was given back.
  const { object: halted, end } = await here.failing('restart');
  await expect(halted.start(name(revision - 1))).rejects.toThrow('no restart today');
  await here.runtime.start(name(revision - 1));
  expect(await pid()).not.toBe(before);
  expect(await here.states('calm')).toMatchObject({ [name()]: 'exited', [name(revision - 1)]: 'running' });
  expect(await here.shell('cat /opt/calm/app/config')).toBe(String(revision - 1));
  await here.shell('rm /run/reload');
  await isUp();
  await end();
});

test('a reload that renews nothing is no release, and the one before is started anew', async () => {
  await program('() => undefined');
  await here.machine.exec('systemctl', ['restart', 'calm.service']);
  await isUp();
  const running = revision - 1;
  await expect(next()).rejects.toMatchObject({
    code: 'launch-failed',
    message: expect.stringContaining('all of its processes are from before'),
  });
  const before = await pid();
  await here.runtime.start(name(running));
  expect(await pid()).not.toBe(before);
  expect(await here.states('calm')).toMatchObject({ [name()]: 'exited', [name(running)]: 'running' });
});
