import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listensHere } from '../../src/proxies/haproxy/here';

let folder: string;
let api: Server;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'belay-here-'));
  api = createServer((client) => client.end('Name: HAProxy\nPid: 7\nNodes: 1\n'));
  await once(api.listen(join(folder, 'api.sock')), 'listening');
});
afterEach(() => {
  api.close();
  rmSync(folder, { recursive: true });
});

const row = (port: string, inode: number, state = '0A') =>
  `   0: 00000000:${port} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0\n`;

function process(name: string, { comm = 'haproxy', tcp = '', tcp6 = '' }): void {
  mkdirSync(join(folder, name, 'net'), { recursive: true });
  for (const [file, text] of Object.entries({ comm: `${comm}\n`, 'net/tcp': tcp, 'net/tcp6': tcp6 }))
    writeFileSync(join(folder, name, file), text);
}

const isHere = () => listensHere(join(folder, 'api.sock'), 80, folder);

test.each(['tcp', 'tcp6'])('knows a HAProxy whose socket of %s this process sees too', async (table) => {
  process('self', { [table]: row('1F90', 1) + row('0050', 2) });
  process('7', { [table]: row('0050', 2) });
  expect(await isHere()).toBe(true);
});

test.each([
  ['in another network, whatever listens on the port here', { tcp: row('0050', 3) }],
  ['of another PID namespace, whose number another process has here', { comm: 'systemd', tcp: row('0050', 2) }],
  ['that listens on another port', { tcp: row('1F90', 1) }],
  ['with a connection from the port', { tcp: row('0050', 4, '01') }],
])('knows none %s', async (_, its) => {
  process('self', { tcp: row('1F90', 1) + row('0050', 2) + row('0050', 4, '01') });
  process('7', its);
  expect(await isHere()).toBe(false);
});

test('knows none whose process is not here', async () => {
  process('self', { tcp: row('0050', 2) });
  expect(await isHere()).toBe(false);
});
