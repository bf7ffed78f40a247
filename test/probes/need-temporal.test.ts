import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkNeed, hostOf, type NeedCheck } from '../../src/probes';
import { freePort, unknownHost } from '../../testbed/port';
import { startTemporal, type Temporal } from '../../testbed/temporal';
import { serving, tcp } from '../contracts/probe-contract';
import { servingGrpc } from './grpc-server';

let dir: string;
let temporal: Temporal;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'belay-temporal-'));
  temporal = await startTemporal({ dir });
}, 90_000);
afterAll(async () => {
  await temporal?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const ask = (text: string, more: Partial<NeedCheck> = {}) =>
  checkNeed({ kind: 'temporal', text, timeout: 5000, ...more });
const not = (why: string) => ({ healthy: false, why });

test('is met by a server that has the namespace', async () => {
  expect(await ask(temporal.address)).toEqual({ healthy: true });
  expect(await ask(`${temporal.address}/default`)).toEqual({ healthy: true });
  const port = temporal.address.split(':')[1];
  expect(await ask(`${unknownHost}:${port}`, { address: '127.0.0.1' })).toEqual({ healthy: true });
  expect(hostOf({ kind: 'temporal', text: 'temporal:7233/shop' })).toBe('temporal');
});

test('is not met without the namespace, or where its host is not known', async () => {
  expect(await ask(`${temporal.address}/shop`)).toEqual(not('it has no such namespace'));
  expect(await ask(`${unknownHost}:7233`)).toEqual(not('the name of its host is not known here'));
});

test('is not met where nobody listens, where nobody answers, and where something else does', async () => {
  expect(await ask(`127.0.0.1:${await freePort()}`)).toEqual(not('connection refused'));
  const silent = tcp(() => undefined);
  expect(await serving(silent, (port) => ask(`127.0.0.1:${port}`, { timeout: 200 }))).toEqual(
    not('no answer within 200ms'),
  );
  const closing = tcp((socket) => void socket.end());
  expect(await serving(closing, (port) => ask(`127.0.0.1:${port}`))).toEqual(
    not('connection closed without an answer'),
  );
  await servingGrpc({ '': 1 }, async (port) => {
    expect(await ask(`127.0.0.1:${port}`)).toEqual(not('it is no Temporal server'));
  });
});

test('ends when it is told to while it waits', async () => {
  const abort = new AbortController();
  const silent = tcp(() => abort.abort(new Error('told to')));
  const asking = serving(silent, (port) => ask(`127.0.0.1:${port}`, { signal: abort.signal }));
  await expect(asking).rejects.toThrow('told to');
});
