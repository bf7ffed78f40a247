import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask } from '../../src/proxies/haproxy/api';
import { waitFor } from '../../testbed/wait';

/** Listens with room for one connection, and answers those that it takes, `ok` each. */
const listener = `
import socket, sys, time
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen(0)
print('up', flush=True)
sys.stdin.readline()
while True:
    client, _ = server.accept()
    client.recv(1000)
    client.sendall(b'ok')
    client.close()
`;

let folder: string;
let program: ChildProcess;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belay-api-'));
});
afterEach(() => {
  program.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

test('a queue of connections that is full is waited for, and no command is lost', async () => {
  const socket = join(folder, 's');
  program = spawn('python3', ['-c', listener, socket], { stdio: ['pipe', 'pipe', 'inherit'] });
  let isUp = false;
  program.stdout!.once('data', () => {
    isUp = true;
  });
  await waitFor({ what: 'the listener', until: async () => isUp });
  const answers = Promise.all(Array.from({ length: 10 }, () => ask(socket, 'show info')));
  // By then HAProxy has turned most connections away once.
  setTimeout(() => program.stdin!.write('\n'), 100);
  expect(await answers).toEqual(Array(10).fill('ok'));
});
