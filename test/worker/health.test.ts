import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { serveHealth } from '../../src/worker/health';

type State = 'RUNNING' | 'STOPPED';
let close: () => Promise<void> = async () => undefined;
afterEach(() => close());

async function ask({ answers, state = 'RUNNING' }: { answers: boolean; state?: State }) {
  const port = await freePort();
  const worker = { options: { taskQueue: 'belay' }, getState: () => state };
  close = await serveHealth(port, { workers: [worker], answers: async () => answers });
  const response = await fetch(`http://127.0.0.1:${port}/health`, { headers: { connection: 'close' } });
  return { status: response.status, ...((await response.json()) as object) };
}

test('a worker that polls is healthy while Temporal answers', async () => {
  expect(await ask({ answers: true })).toEqual({
    status: 200,
    healthy: true,
    temporal: 'answers',
    workers: [{ taskQueue: 'belay', state: 'RUNNING' }],
  });
});

test('a worker whose Temporal does not answer cannot work, and says which of both it is', async () => {
  const workers = [{ taskQueue: 'belay', state: 'RUNNING' }];
  expect(await ask({ answers: false })).toEqual({ status: 503, healthy: false, temporal: 'does not answer', workers });
});

test('a worker that has stopped polling is not healthy', async () => {
  expect(await ask({ answers: true, state: 'STOPPED' })).toMatchObject({ status: 503, temporal: 'answers' });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
