import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { docker } from '../../testbed/docker';
import { bootMachine, type Machine } from '../../testbed/systemd/machine';
import { waitFor } from '../../testbed/wait';

let machine: Machine;
beforeAll(async () => {
  machine = await bootMachine({ name: 'web-1' });
  await machine.write('/srv/hello.js', 'require("http").createServer((_, r) => r.end("hello")).listen(8080)\n');
  await machine.write(
    '/etc/systemd/system/hello.service',
    '[Service]\nExecStart=/usr/bin/node /srv/hello.js\nMemoryMax=200M\n[Install]\nWantedBy=multi-user.target\n',
  );
  await machine.exec('systemctl', ['enable', '--now', 'hello']);
});
afterAll(() => machine?.close());

const answer = async () => (await fetch(`http://${machine.ip()}:8080`)).text();
const answers = () => waitFor({ what: 'an answer', until: async () => (await answer()) === 'hello' });
const bootId = () => machine.read('/proc/sys/kernel/random/boot_id');

test('is a host with each unit well, whose services answer', async () => {
  expect(await machine.exec('systemctl', ['is-system-running'])).toBe('running');
  expect(await machine.exec('hostname')).toBe('web-1');
  await answers();
  const limit = await machine.exec('systemctl', ['show', '--property', 'MemoryCurrent', '--value', 'hello']);
  expect(Number(limit)).toBeGreaterThan(0);
});

test('runs programs with input, environment and an end', async () => {
  const options = { input: 'in\n', env: { GREETING: 'hello' } };
  expect(await machine.exec('sh', ['-c', 'cat; echo $GREETING'], options)).toBe('in\nhello');
  expect(await machine.run('sh', ['-c', 'echo no >&2; exit 3'])).toMatchObject({ code: 3, errors: 'no\n' });
  await expect(machine.exec('sh', ['-c', 'echo no >&2; exit 3'])).rejects.toThrow('ended with 3 on web-1: no');
});

test('has files with their modes', async () => {
  await machine.write('/srv/some/where/secret', 'a\n\n', 0o600);
  expect(await machine.read('/srv/some/where/secret')).toBe('a\n\n');
  expect(await machine.exec('stat', ['-c', '%a %U', '/srv/some/where/secret'])).toBe('600 root');
});

test('reaches a port on loopback of the test', async () => {
  const server = createServer((_, response) => response.end('from outside')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = await machine.lend((server.address() as AddressInfo).port);
  const script = `fetch('http://${address}').then((answer) => answer.text()).then(console.log)`;
  expect(await machine.exec('node', ['-e', script])).toBe('from outside');
  server.close();
});

test.each(['reboot', 'power cut'])('has its files, units and journal after a %s', async (how) => {
  const before = [await bootId(), await machine.read('/etc/machine-id')];
  await machine.write('/var/lib/belay/kept', how);
  if (how === 'power cut') await machine.kill();
  await machine.restart();
  await answers();
  expect(await machine.read('/var/lib/belay/kept')).toBe(how);
  const after = [await bootId(), await machine.read('/etc/machine-id')];
  expect([after[0] !== before[0], after[1] === before[1]]).toEqual([true, true]);
  expect(await machine.exec('journalctl', ['--unit', 'hello', '--boot', '-1', '--output', 'cat'])).toContain('Started');
});

test('a boot removes machines whose test has ended, and no other', async () => {
  const { pid } = spawnSync('true');
  const image = await docker(['inspect', '--format', '{{.Image}}', machine.container]);
  const left = await docker(['create', '--label', `belay-test.machine=${pid}`, image]);
  const other = await bootMachine();
  const there = await docker(['ps', '--all', '--quiet', '--no-trunc']);
  await other.close();
  expect([left, machine.container].map((one) => there.includes(one))).toEqual([false, true]);
});
