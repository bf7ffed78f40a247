import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkLines } from '../../src/proxies/haproxy/check';
import { waitFor } from '../../testbed';
import { startProcess } from '../../testbed/process';

test('asks as Belay does, by HTTP/1.1 and of this machine', () => {
  expect(checkLines({ path: '/ready?deep#x', status: 204 })).toEqual([
    'option httpchk',
    "http-check send meth GET uri '/ready?deep#x' ver HTTP/1.1 hdr host 127.0.0.1",
    'http-check expect status 204',
  ]);
});

test('asks with the headers of the readiness check, and always names a host', () => {
  expect(checkLines({ path: '/', headers: { Host: 'shop.example.com', 'x-a': '100% "it\'s" $HOME' } })[1]).toBe(
    "http-check send meth GET uri / ver HTTP/1.1 hdr Host shop.example.com hdr x-a '100%% \"it'\\''s\" $HOME'",
  );
  expect(checkLines({ path: '/', headers: { 'X-Forwarded-Proto': 'https' } })[1]).toBe(
    'http-check send meth GET uri / ver HTTP/1.1 hdr host 127.0.0.1 hdr X-Forwarded-Proto https',
  );
});

const odd = { Host: 'shop.example.com', 'X-Forwarded-Proto': 'https', 'x-odd': `100% %[src] "it's" $HOME #1` };

test.each([
  [odd, { host: odd.Host, 'x-forwarded-proto': 'https', 'x-odd': odd['x-odd'] }],
  [{}, { host: '127.0.0.1' }],
])('reaches an instance as it is written, through a real HAProxy, with %j', async (headers, expected) => {
  const folder = mkdtempSync(join(tmpdir(), 'belay-check-'));
  let seen: Record<string, unknown> | undefined;
  const server = createServer((request, response) => {
    seen = { url: request.url, version: request.httpVersion, ...request.headers };
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const config = [
    // Without anything to listen at it would end at once.
    'global',
    `stats socket ${join(folder, 'admin.sock')}`,
    'defaults',
    'mode http',
    'timeout connect 1s',
    'timeout client 1s',
    'timeout server 1s',
    'backend api',
    ...checkLines({ path: '/ready?x=%20', headers }),
    `server s1 127.0.0.1:${port} check inter 100ms`,
  ];
  writeFileSync(join(folder, 'haproxy.cfg'), `${config.join('\n')}\n`);
  const haproxy = await startProcess({
    command: '/usr/sbin/haproxy',
    args: ['-db', '-f', join(folder, 'haproxy.cfg')],
    log: join(folder, 'haproxy.log'),
    ready: async () => true,
  });
  try {
    await waitFor({ what: 'a check', until: () => seen !== undefined });
    expect(seen).toMatchObject({ url: '/ready?x=%20', version: '1.1', ...expected });
  } finally {
    await haproxy.stop();
    server.close();
    rmSync(folder, { recursive: true });
  }
});
