import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '../../testbed';
import { freePort } from '../../testbed/port';
import { projectRoot } from '../../testbed/root';

let server: Server;
let haproxy: ChildProcess;
let folder: string;
let ui: number;
let api: number;

/** The file itself, with one server of this test's behind it. */
beforeAll(async () => {
  server = createServer((_request, response) => response.end('well'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  [ui, api] = [await freePort(), await freePort()];
  const behind = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  folder = mkdtempSync(join(tmpdir(), 'belay-ingress-'));
  const text = readFileSync(join(projectRoot, 'deploy', 'ingress', 'haproxy.cfg'), 'utf8')
    .replace('bind :8080', `bind 127.0.0.1:${ui}`)
    .replace('bind :7243', `bind 127.0.0.1:${api}`)
    .replace(/(server \w+) .*/g, `$1 ${behind}`);
  writeFileSync(join(folder, 'haproxy.cfg'), text);
  haproxy = spawn('haproxy', ['-db', '-f', join(folder, 'haproxy.cfg')], { stdio: 'ignore' });
  await waitFor({ what: 'HAProxy serves', until: async () => (await ask(ui)) === 200 });
});

afterAll(() => {
  haproxy?.kill('SIGKILL');
  server?.close();
  if (folder) rmSync(folder, { recursive: true });
});

/** Asks as a program does, unless headers say otherwise. */
const ask = (port: number, headers: Record<string, string> = {}, method = 'GET'): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, headers, agent: false }, (response) => {
      resolve(response.resume().statusCode);
    });
    sent.on('error', reject).end();
  });

test.each(['localhost', 'localhost:8233', '127.0.0.1:9999', 'LOCALHOST'])('%s is served', async (host) => {
  expect([await ask(ui, { host }), await ask(api, { host })]).toEqual([200, 200]);
});

test.each([
  'shop.example',
  'shop.example:8233',
  'localhost.shop.example',
  '127.0.0.1.shop.example:7243',
  'temporal:7243',
])('a page that has given %s this address is refused', async (host) => {
  expect([await ask(ui, { host }), await ask(api, { host })]).toEqual([403, 403]);
});

test.each([
  ['a page of another site', { origin: 'https://shop.example', 'sec-fetch-site': 'cross-site' }],
  ['a page of an older browser', { origin: 'https://shop.example' }],
  ['a page without an origin', { origin: 'null' }],
  ['a page of another port of this machine', { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' }],
  ['an image of a page', { 'sec-fetch-site': 'cross-site' }],
])('%s starts nothing by the API', async (_who, headers) => {
  expect(await ask(api, { 'content-type': 'text/plain', ...headers }, 'POST')).toBe(403);
});

test('a person may look at the API by the address bar, and the UI may send what its own page asks', async () => {
  expect(await ask(api, { 'sec-fetch-site': 'none' })).toBe(200);
  const own = { host: `localhost:${ui}`, origin: `http://localhost:${ui}`, 'sec-fetch-site': 'same-origin' };
  expect(await ask(ui, own, 'POST')).toBe(200);
});
