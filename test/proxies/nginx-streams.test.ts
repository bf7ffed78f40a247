import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectPlainly } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { workersOf } from '../../src/proxies/nginx/workers';
import type { ServerRef } from '../../src/proxies/proxy';
import type { NginxVersion } from '../../testbed/nginx';
import { freePort } from '../../testbed/port';
import { waitFor } from '../../testbed/wait';
import { serverSeen, untilSeen } from '../contracts/proxy-contract';
import { openEvents, openUpgrade } from './managed-streams';
import { type NginxBed, nginxBed } from './nginx-bed';
import { asked, certificateIn, clientsOf, firstClient, openSession, secondClient } from './secure-clients';

/** TLS, HTTP/2, WebSockets and server-sent events through releases, as docs/nginx.md promises them. */

const first = { backend: 'api-blue', server: 's1' };
const second = { backend: 'api-blue', server: 's2' };
const dir = mkdtempSync(join(tmpdir(), 'belay-nginx-streams-'));
const certificate = certificateIn(dir);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let bed: NginxBed;
let port: number;
afterEach(() => bed.cleanup());

/** The lines of docs/nginx.md for HTTP/2, by version, with shorter times. */
const http2: Record<NginxVersion, { listen: string; lines: string }> = {
  debian: { listen: 'ssl http2', lines: 'keepalive_timeout 500ms; keepalive_time 500ms;' },
  current: { listen: 'ssl', lines: 'http2 on;' },
};

interface Front {
  version: NginxVersion;
  /** HTTP/2 too. */
  second?: true;
  main?: string[];
  /** More lines of its server. */
  more?: string;
}

/** A bed with TLS in front, and its lines for WebSockets. */
async function start({ version, second: isSecond, main, more = '' }: Front): Promise<void> {
  port = await freePort();
  const { listen, lines } = isSecond ? http2[version] : { listen: 'ssl', lines: '' };
  const http = [
    "map $http_upgrade $connection_upgrade { default upgrade; '' close; }",
    `server { listen 127.0.0.1:${port} ${listen}; ${lines} ${more} ${certificate}`,
    '  location / { proxy_pass http://api; proxy_http_version 1.1;',
    '    proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade; } }',
  ];
  // Longer than clients are idle here.
  bed = await nginxBed({ version, options: { main, http }, ...(version === 'current' && { keepAlive: '500ms' }) });
}

const url = () => `https://127.0.0.1:${port}`;

async function inTraffic(ref: ServerRef): Promise<string> {
  const address = await bed.goodAddress();
  await bed.proxy.stage(ref, address);
  await bed.proxy.admit(ref);
  return address;
}

const versions: NginxVersion[] = ['debian', 'current'];

test.each(versions)('a WebSocket and server-sent events stay with their worker until they end: %s', async (version) => {
  await start({ version });
  const address = await inTraffic(first);
  const streams = [await openUpgrade(port, { secure: true }), await openEvents(`${url()}/events`)];
  const isAlive = async () => (await Promise.all(streams.map((one) => one.lives()))).every(Boolean);
  await inTraffic(second);
  await bed.proxy.drain(first);
  expect(await isAlive()).toBe(true);
  await bed.proxy.drain(second);
  expect(await isAlive()).toBe(true);
  // Once idle clients of a worker can send no more, it counts for the instance alone to which it has streams.
  const later = bed.open({}, { lingering: 0 });
  expect((await serverSeen(later, first)).inFlight).toBeGreaterThan(0);
  expect((await serverSeen(later, second)).inFlight).toBe(0);
  bed.instances.endStreams(address);
  expect(await Promise.all(streams.map((one) => one.over))).toEqual([true, true]);
  await untilSeen(later, first, { inFlight: 0 });
  await waitFor({ what: 'the old workers to leave', until: () => bed.nginx.children().length === 2 });
});

test.each(versions)(
  'worker_shutdown_timeout cuts them at every reload, those of instances that stay too: %s',
  async (version) => {
    await start({ version, main: ['worker_shutdown_timeout 300ms;'] });
    await inTraffic(first);
    const streams = [await openUpgrade(port, { secure: true }), await openEvents(`${url()}/events`)];
    await inTraffic(second);
    const [, events] = await Promise.all(streams.map((one) => one.over));
    expect(events).toBe(false);
  },
);

test.each(versions)('over HTTP/2 a request in flight ends, and its connection is told to go: %s', async (version) => {
  await start({ version, second: true });
  await inTraffic(first);
  const session = openSession(url());
  const held = bed.instances.held();
  const slow = asked(session, '/hold');
  await held;
  const told = once(session, 'goaway');
  const address = await inTraffic(second);
  await bed.proxy.drain(first);
  expect((await told)[0]).toBe(0);
  const another = openSession(url());
  expect(await asked(another)).toMatchObject({ status: 200, body: address });
  another.close();
  bed.instances.release();
  expect(await slow).toMatchObject({ status: 200 });
  await untilSeen(bed.proxy, first, { inFlight: 0 });
});

test.each(versions)(
  'a connection that has brought no request holds its worker for client_header_timeout: %s',
  async (version) => {
    await start({ version, more: 'client_header_timeout 1s;' });
    await inTraffic(first);
    const silent = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    await once(silent, 'secureConnect');
    await inTraffic(second);
    await bed.proxy.drain(first);
    await untilSeen(bed.proxy, first, { inFlight: 0 });
    // None is left, so that none is overlooked.
    expect((await workersOf(bed.nginx.spec.pid)).leaving).toEqual([]);
    if (!silent.closed) await once(silent.resume(), 'close');
  },
);

test.each(versions)(
  'a connection opened before a reload does not stay with its worker over HTTP/2: %s',
  async (version) => {
    await start({ version, second: true });
    await inTraffic(first);
    const socket = connectPlainly(port, '127.0.0.1');
    await once(socket, 'connect');
    await inTraffic(second);
    const session = openSession(url(), socket);
    const until = async () => {
      if (!session.closed) await asked(session);
      return session.closed;
    };
    await waitFor({ what: 'the session to be told to go', until });
    await waitFor({ what: 'the old workers to leave', until: () => bed.nginx.children().length === 2 });
  },
);

describe.each(versions)('behind nginx %s with TLS', (version) => {
  test.each(['HTTP/1.1', 'HTTP/2'] as const)(
    'clients with %s lose nothing to instances that end once they are drained',
    async (protocol) => {
      await start({ version, ...(protocol === 'HTTP/2' && { second: true }) });
      const old = [await inTraffic(first), await inTraffic(second)];
      const make = () => (protocol === 'HTTP/2' ? secondClient(url()) : firstClient(url()));
      const clients = clientsOf(make, { busy: 4, idle: 12 });
      await waitFor({ what: '100 requests', until: () => clients.count() > 100 });
      for (const [index, ref] of [first, second].entries()) {
        await inTraffic({ ...ref, server: `n${index}` });
        await bed.proxy.drain(ref);
        await untilSeen(bed.proxy, ref, { inFlight: 0 });
        await bed.proxy.remove(ref);
        await bed.instances.kill(old[index]!);
      }
      const before = clients.count();
      await waitFor({ what: '100 requests more', until: () => clients.count() > before + 100 });
      expect(await clients.stop()).toEqual([]);
    },
  );
});
