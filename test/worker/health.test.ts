import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { status } from '@grpc/grpc-js';
import { Client, Connection } from '@temporalio/client';
import { serveHealth, temporalProblem } from '../../src/worker/health';

type State = 'RUNNING' | 'STOPPED';
let close: () => Promise<void> = async () => undefined;
afterEach(() => close());

async function ask({ problem, state = 'RUNNING' }: { problem?: string; state?: State }) {
  const port = await freePort();
  const worker = { options: { taskQueue: 'belay' }, getState: () => state };
  close = await serveHealth(port, { workers: [worker], problem: async () => problem });
  const response = await fetch(`http://127.0.0.1:${port}/health`, { headers: { connection: 'close' } });
  return { status: response.status, ...((await response.json()) as object) };
}

test('a worker that polls is healthy while Temporal answers', async () => {
  expect(await ask({})).toEqual({
    status: 200,
    healthy: true,
    temporal: 'answers',
    workers: [{ taskQueue: 'belay', state: 'RUNNING' }],
  });
});

test('a worker whose Temporal does not answer cannot work, and says why', async () => {
  const workers = [{ taskQueue: 'belay', state: 'RUNNING' }];
  const temporal = 'does not answer: 14 UNAVAILABLE';
  expect(await ask({ problem: temporal })).toEqual({ status: 503, healthy: false, temporal, workers });
});

test('a worker that has stopped polling is not healthy', async () => {
  expect(await ask({ state: 'STOPPED' })).toMatchObject({ status: 503, temporal: 'answers' });
});

describe('what is wrong with Temporal', () => {
  const asked = (error?: Error) =>
    temporalProblem({
      options: { namespace: 'shop' },
      withDeadline: (_deadline: number, act: () => Promise<unknown>) => act(),
      workflowService: { describeNamespace: () => (error ? Promise.reject(error) : Promise.resolve({})) },
    } as unknown as Client);
  const refused = (code: status) =>
    asked(Object.assign(new Error(`${code} ${status[code]}: why`), { code, details: 'why', metadata: {} }));

  test.each([
    ['UNAVAILABLE', 'does not answer: 14 UNAVAILABLE: why'],
    ['DEADLINE_EXCEEDED', 'does not answer: 4 DEADLINE_EXCEEDED: why'],
    ['NOT_FOUND', 'namespace shop is not there'],
    ['PERMISSION_DENIED', undefined],
    ['RESOURCE_EXHAUSTED', undefined],
  ] as const)('by %s: %s', async (code, problem) => expect(await refused(status[code])).toBe(problem));

  test('nothing, where it answers', async () => expect(await asked()).toBeUndefined());

  test('its silence, where the connection itself fails', async () =>
    expect(await asked(new Error('closed'))).toBe('does not answer: closed'));

  test('its silence, where nobody listens', async () => {
    const connection = Connection.lazy({ address: `127.0.0.1:${await freePort()}` });
    close = () => connection.close();
    expect(await temporalProblem(new Client({ connection }))).toMatch(/^does not answer: \d+ [A-Z_]+: /);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
