import type { Runtime } from '../../src/runtimes/runtime';
import { bootMachine, type Machine } from '../../testbed/systemd/machine';
import { waitFor } from '../../testbed/wait';
import { ask, program, unit } from './programs';
import { type Releasing, releasing, runtimeIn } from './runtime';

/** One instance after the other on one unit, by the adapter alone. */

let machine: Machine;
let runtime: Runtime;
let release: Releasing['release'];
beforeAll(async () => {
  machine = await bootMachine({ name: 'handover' });
  runtime = (await runtimeIn(machine, { home: '/var/lib/belay' })).object;
  ({ release } = releasing(runtime));
});
afterAll(() => machine?.close());

const shell = (text: string) => machine.exec('sh', ['-c', text]);
const property = (name: string, of: string) => machine.exec('systemctl', ['show', '--value', '-p', name, of]);
const version = (port: number) => machine.exec('node', ['-e', ask, `http://127.0.0.1:${port}/version`]);
const build = (name: string, text: string) => machine.write(`/srv/project/${name}`, text, 0o755);
const install = async (name: string, text: string) => {
  await machine.write(`/etc/systemd/system/${name}`, text);
  await machine.exec('systemctl', ['daemon-reload']);
};
const states = async (service: string, project?: string) =>
  Object.fromEntries(
    (await runtime.observe({ platform: 'shop', service, project })).map(({ name, state, exitCode }) => [
      name,
      exitCode === undefined ? state : `${state} ${exitCode}`,
    ]),
  );

test('one job hands the unit over, and the one before has ended well', async () => {
  await install('web.service', unit('/opt/web/run 7101', 'KillSignal=SIGINT').replace("'SIGTERM'", "'SIGINT'"));
  const service = {
    unit: 'web.service',
    artifact: { file: 'web', install: '/opt/web/run' },
    health: { ready: { tcp: 7101 } },
  };
  await build('web', program('1').replaceAll('SIGTERM', 'SIGINT'));
  await release({ name: 'web', revision: 1, service });
  await build('web', program('2').replaceAll('SIGTERM', 'SIGINT'));
  await release({ name: 'web', revision: 2, service });
  expect(await version(7101)).toContain('2');
  expect(await states('web')).toEqual({ 'shop-web-r1-1': 'exited 0', 'shop-web-r2-1': 'running' });
  expect(await runtime.logTail('shop-web-r1-1', 1)).toBe('version 1');
  expect(await runtime.logTail('shop-web-r2-1', 1)).toBe('version 2');
  await runtime.start('shop-web-r1-1');
  expect(await version(7101)).toContain('1');
  expect(await states('web')).toEqual({ 'shop-web-r1-1': 'running', 'shop-web-r2-1': 'exited 0' });
  await runtime.remove('shop-web-r2-1');
  expect(await version(7101)).toContain('1');
});

test('until the restart, the unit is that of the one before, and goes back without a restart', async () => {
  await shell(
    'printf \'#!/bin/sh\\ncase "$*" in *restart*) exit 1;; esac\\nexec systemctl "$@"\\n\' > /usr/local/bin/no-restart; chmod +x /usr/local/bin/no-restart',
  );
  const { object: halted, end } = await runtimeIn(machine, {
    home: '/var/lib/belay',
    systemctl: '/usr/local/bin/no-restart',
  });
  const service = {
    unit: 'web.service',
    artifact: { file: 'web', install: '/opt/web/run' },
    health: { ready: { tcp: 7101 } },
  };
  const run = await property('InvocationID', 'web.service');
  await build('web', program('3').replaceAll('SIGTERM', 'SIGINT'));
  await expect(releasing(halted).release({ name: 'web', revision: 3, service })).rejects.toMatchObject({
    code: 'launch-failed',
  });
  expect(await states('web')).toEqual({ 'shop-web-r1-1': 'running', 'shop-web-r3-1': 'exited' });
  await runtime.start('shop-web-r1-1');
  expect(await property('InvocationID', 'web.service')).toBe(run);
  expect(await shell('readlink /opt/web/run')).toContain('/r1/');
  await runtime.start('shop-web-r3-1');
  expect(await version(7101)).toContain('3');
  expect(await states('web')).toEqual({ 'shop-web-r1-1': 'exited 0', 'shop-web-r3-1': 'running' });
  await end();
});

test('a process that ignores its signal is killed by systemd, and that is told', async () => {
  await install(
    'deaf.service',
    unit('/opt/deaf/run').replace('TimeoutStopSec=5s', 'TimeoutStopSec=500ms').replace('Type=notify', 'Type=exec'),
  );
  await build(
    'deaf',
    "#!/usr/bin/node\nprocess.on('SIGTERM', () => undefined);\nsetInterval(() => undefined, 1000);\nconsole.log('up');\n",
  );
  const name = await release({
    name: 'deaf',
    revision: 1,
    service: { unit: 'deaf.service', artifact: { file: 'deaf', install: '/opt/deaf/run' } },
  });
  await waitFor({ what: 'the program', until: async () => (await runtime.logTail(name, 1)) === 'up' });
  await runtime.signal(name, 'SIGTERM');
  await runtime.ended(name, new AbortController().signal);
  expect(await states('deaf')).toEqual({ [name]: 'exited 137' });
});

test('a socket of the unit waits through the restart, and ends with the instance', async () => {
  await install('lazy.socket', '[Socket]\nListenStream=127.0.0.1:7102\n[Install]\nWantedBy=sockets.target\n');
  await install('lazy.service', '[Service]\nExecStart=/opt/lazy/run\n');
  await machine.exec('systemctl', ['enable', '--now', 'lazy.socket']);
  const text = (name: string) =>
    `#!/usr/bin/node\nrequire('node:http').createServer((_, answer) => answer.end('${name}')).listen({ fd: 3 });\nprocess.on('SIGTERM', () => setTimeout(() => process.exit(0), 300));\n`;
  const service = {
    unit: 'lazy.service',
    artifact: { file: 'lazy', install: '/opt/lazy/run' },
    health: { ready: { tcp: 7102 } },
  };
  expect(Object.values(await states('lazy', 'lazy.service'))).toEqual(['running']);
  await build('lazy', text('1'));
  await release({ name: 'lazy', revision: 1, service });
  expect(await version(7102)).toBe('1');
  await build('lazy', text('2'));
  const replaced = release({ name: 'lazy', revision: 2, service });
  const answers: string[] = [];
  let isOver = false;
  void replaced.finally(() => {
    isOver = true;
  });
  while (!isOver) answers.push(await version(7102));
  await replaced;
  expect([...new Set([...answers, await version(7102)])].sort()).toEqual(['1', '2']);
  await runtime.signal('shop-lazy-r2-1', 'SIGTERM');
  await runtime.ended('shop-lazy-r2-1', new AbortController().signal);
  expect(await property('ActiveState', 'lazy.socket')).toBe('inactive');
  expect((await states('lazy'))['shop-lazy-r2-1']).toMatch('exited');
});

describe('a reload', () => {
  const main = (text: string) => `#!/usr/bin/node
const { spawn } = require('node:child_process');
let worker;
const renew = () => {
  worker?.kill();
  worker = spawn('/bin/sleep', ['1000']);
};
renew();
process.on('SIGHUP', ${text});
console.log('up');
`;
  const service = {
    unit: 'calm.service',
    artifact: { folder: 'calm', install: '/opt/calm/app' },
    strategy: { kind: 'in-place', reload: true },
  };
  const release2 = (revision: number, more: object = {}) =>
    release({ name: 'calm', revision, service: { ...service, ...more } });
  beforeAll(async () => {
    await build('calm-main', main('renew'));
    await shell('cp /srv/project/calm-main /usr/local/bin/calm-main');
    await install(
      'calm.service',
      unit('/usr/local/bin/calm-main', 'ExecReload=/bin/kill -HUP $MAINPID').replace('Type=notify', 'Type=exec'),
    );
    await build('calm/config', 'a');
    await release2(1);
    await waitFor({ what: 'the program', until: async () => (await runtime.logTail('shop-calm-r1-1', 1)) === 'up' });
  });

  test('keeps the main process where files alone have changed, once a new generation is there', async () => {
    const pid = await property('MainPID', 'calm.service');
    await build('calm/config', 'b');
    await release2(2);
    expect(await property('MainPID', 'calm.service')).toBe(pid);
    expect(await states('calm')).toMatchObject({ 'shop-calm-r2-1': 'running' });
    expect(await shell('cat /opt/calm/app/config')).toBe('b');
    await release2(3, { env: { A: 'b' } });
    expect(await property('MainPID', 'calm.service')).not.toBe(pid);
  });

  test('that renews nothing is no release', async () => {
    await shell(`printf '%s' '${main('() => undefined').replaceAll("'", '"')}' > /usr/local/bin/calm-main`);
    await machine.exec('systemctl', ['restart', 'calm.service']);
    await waitFor({ what: 'the program', until: async () => (await runtime.logTail('shop-calm-r3-1', 1)) === 'up' });
    await build('calm/config', 'c');
    await expect(release2(4, { env: { A: 'b' } })).rejects.toMatchObject({
      code: 'launch-failed',
      message: expect.stringContaining('all of its processes are from before'),
    });
  });
});

test('a program of another revision is found by the kernel’s link to it, whatever its name', async () => {
  await shell('cp /usr/bin/sleep /srv/project/naps; echo 1 >> /srv/project/naps');
  await install('naps.service', unit('/opt/naps/run 1000').replace('Type=notify', 'Type=exec'));
  const service = { unit: 'naps.service', artifact: { file: 'naps', install: '/opt/naps/run' } };
  await release({ name: 'naps', revision: 1, service });
  await machine.write(
    '/etc/systemd/system/naps.service.d/90-mine.conf',
    '[Service]\nExecStart=\nExecStart=/opt/naps/.belay/shop.naps/r1/run 1000\n',
  );
  await shell('echo 2 >> /srv/project/naps; systemctl daemon-reload');
  await expect(release({ name: 'naps', revision: 2, service })).rejects.toMatchObject({
    code: 'launch-failed',
    message: expect.stringMatching(
      /naps\.service runs \/opt\/naps\/\.belay\/shop\.naps\/r1\/run, which is not of revision 2/,
    ),
  });
});
