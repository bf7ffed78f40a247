import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import type { BelayError } from '../../src/errors';
import { identityOf } from '../../src/runtimes/docker/identity';
import { waitFor } from '../../testbed/wait';

/** An engine at a socket of this machine that tells its id, and holds streams of its events open. */
function engineAt(socketPath: string, ID: string, { isKeptBack = false } = {}) {
  const streams: ServerResponse[] = [];
  const engine = { asked: 0, listen, end };
  const server: Server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    if (request.url?.startsWith('/events')) {
      if (!isKeptBack) response.flushHeaders();
      streams.push(response);
      return;
    }
    engine.asked += 1;
    response.end(JSON.stringify({ ID }));
  });
  return engine;

  function listen(): Promise<void> {
    return new Promise((resolve) => server.listen(socketPath, resolve));
  }
  async function end(): Promise<void> {
    for (const one of streams) one.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belay-id-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('an engine is not asked for its id again for as long as it runs', async () => {
  const socketPath = join(folder, 'docker.sock');
  const engine = engineAt(socketPath, 'first');
  await engine.listen();
  const identity = identityOf(new Docker({ socketPath }));
  const isKnown = async () => {
    const { asked } = engine;
    expect(await identity()).toBe('first');
    return engine.asked === asked;
  };
  await waitFor({ what: 'an open stream', until: isKnown });
  const { asked } = engine;
  for (let time = 0; time < 3; time++) expect(await identity()).toBe('first');
  expect(engine.asked).toBe(asked);
  await engine.end();
});

test('a stream whose beginning is kept back keeps nobody waiting', async () => {
  const socketPath = join(folder, 'docker.sock');
  const engine = engineAt(socketPath, 'first', { isKeptBack: true });
  await engine.listen();
  const identity = identityOf(new Docker({ socketPath }));
  for (let time = 0; time < 3; time++) expect(await identity()).toBe('first');
  expect(engine.asked).toBe(3);
  await engine.end();
});

test('another engine at the same socket is told from the one before', async () => {
  const socketPath = join(folder, 'docker.sock');
  const first = engineAt(socketPath, 'first');
  await first.listen();
  const identity = identityOf(new Docker({ socketPath }));
  expect(await identity()).toBe('first');
  await first.end();
  const isGone = () =>
    identity().then(
      () => false,
      (error: BelayError) => error.code === 'engine-unreachable',
    );
  await waitFor({ what: 'the end of the first engine', until: isGone });
  const second = engineAt(socketPath, 'second');
  await second.listen();
  expect(await identity()).toBe('second');
  await second.end();
});
