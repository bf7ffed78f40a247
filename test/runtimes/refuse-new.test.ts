import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { refuseNew } from '../../src/hosts/refuse-new';
import { dockerRuntime } from '../../src/runtimes/docker';
import { docker as run, waitFor } from '../../testbed';
import { openEngine, type TestEngine } from './engine';

let engine: TestEngine;
beforeAll(async () => {
  engine = await openEngine('refuse');
}, 360_000);
afterAll(() => engine?.close());

/** Answers with what it is sent; `block` makes it deaf for a third of a second. Asked to stop, it takes nothing new. */
const program = `
  const server = require('net').createServer((socket) => socket.on('error', () => {}).on('data', (data) => {
    if (String(data) === 'block') for (const end = Date.now() + 300; Date.now() < end; );
    socket.write(data);
  }));
  server.listen(8080);
  process.on('SIGTERM', () => server.close());
`;

async function start(name: string, { network = 'bridge', runs = program } = {}): Promise<string> {
  const container = `${engine.prefix}-${name}`;
  const options = ['--name', container, '--network', network, '--entrypoint', 'node'];
  await run(['run', '-d', ...options, engine.image, '-e', runs]);
  return container;
}

async function addressOf(container: string): Promise<string> {
  const host = await run(['inspect', '-f', '{{.NetworkSettings.IPAddress}}', container]);
  const isUp = () =>
    dial(host).then(
      (socket) => socket.destroy().destroyed,
      () => false,
    );
  await waitFor({ what: container, within: 10_000, until: isUp });
  return host;
}

async function dial(host: string): Promise<Socket> {
  const socket = connect({ host, port: 8080 });
  await once(socket, 'connect');
  return socket;
}

async function ask(socket: Socket, words: string): Promise<string> {
  const answer = once(socket, 'data');
  socket.write(words);
  return String((await answer)[0]);
}

const idle = 'setInterval(() => undefined, 1000)';
const itself = "require('net').connect(8080).on('connect', () => { console.log('open'); process.exit(); })";

test('whoever comes anew is refused; what stands, what has just come and the instance itself are not', async () => {
  const container = await start('apart');
  const host = await addressOf(container);
  const network = await dockerRuntime().networkOf(container);
  // Its process has ended, and another one has got the number.
  await refuseNew({ pid: network!.pid, id: 'net:[1]' }, 60_000);
  const kept = await dial(host);
  const blocked = ask(kept, 'block');
  const justCome = await dial(host);
  const answer = ask(justCome, 'just come');
  await refuseNew(network!, 60_000);
  expect(await run(['exec', container, 'node', '-e', itself])).toBe('open');
  // The program still listens.
  await expect(dial(host)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  // Connections that the program has not accepted by then would be reset.
  await run(['kill', '--signal', 'SIGTERM', container]);
  expect(await Promise.all([blocked, answer])).toEqual(['block', 'just come']);
  expect(await ask(kept, 'kept')).toBe('kept');
  for (const one of [kept, justCome]) one.destroy();
});

test('one that nobody has asked to stop lets clients in again after a while', async () => {
  const container = await start('again');
  const host = await addressOf(container);
  await refuseNew((await dockerRuntime().networkOf(container))!, 3_000);
  await expect(dial(host)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  expect(await addressOf(container)).toBe(host);
});

test("a network that is somebody else's too is not an instance's", async () => {
  const apart = await start('owner');
  const others = await Promise.all([
    start('host', { network: 'host', runs: idle }),
    start('guest', { network: `container:${apart}`, runs: idle }),
    start('alone', { network: 'none' }),
  ]);
  const found = await Promise.all([apart, ...others].map((one) => dockerRuntime().networkOf(one)));
  expect(found).toEqual([
    { pid: expect.any(Number), id: expect.stringMatching(/^net:/) },
    undefined,
    undefined,
    undefined,
  ]);
  await run(['stop', '--time', '0', apart]);
  expect(await dockerRuntime().networkOf(apart)).toBeUndefined();
});

test("this machine's own network is left alone", async () => {
  const rules = async () => (await promisify(execFile)('iptables', ['-S', 'INPUT'])).stdout;
  const before = await rules();
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  await refuseNew({ pid: process.pid, id: readlinkSync('/proc/self/ns/net') }, 60_000);
  expect(await rules()).toBe(before);
  server.close();
});
