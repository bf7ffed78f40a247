import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { haproxySets } from '../../src/proxies/haproxy/map';

let folder: string;
let server: Server;
let value: string;
/** Content of the file when the running map was changed. */
let written: string | undefined;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'belay-map-'));
  value = 'api-blue';
  written = undefined;
  writeFileSync(at('sets.map'), '# sets\napi api-blue\nweb web-green\n');
  writeFileSync(at('haproxy.cfg'), `frontend f\n  use_backend %[str(api),map(${at('sets.map')},api-blue)]\n`);
  server = createServer((client) => {
    client.once('data', (data) => client.end(answer(String(data).trim().split(' '))));
  });
  await new Promise<void>((resolve) => server.listen(at('socket'), resolve));
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string): string => join(folder, name);

function answer([verb, , , key, backend]: string[]): string {
  if (verb === 'show') return `0x1 api ${value}\n\n`;
  written = readFileSync(at('sets.map'), 'utf8');
  if (key === 'api') value = backend!;
  return '\n';
}

test('writes the file before the running map: what HAProxy starts with never leads back to what was left', async () => {
  const sets = haproxySets({
    locate: async () => ({ socket: at('socket'), config: at('haproxy.cfg') }),
    locked: (act) => act(),
  });
  await sets.choose('api', 'api-green');
  expect(await sets.observe('api')).toEqual({ live: 'api-green', idle: 'api-blue' });
  expect(written).toBe('# sets\nweb web-green\napi api-green\n');
});
