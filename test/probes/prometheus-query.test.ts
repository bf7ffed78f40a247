import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askPrometheus } from '../../src/probes/prometheus-query';
import { freePort } from '../../testbed/port';
import { type Prometheus, startPrometheus } from '../../testbed/prometheus';

let dir: string;
let server: Prometheus;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'belay-prometheus-'));
  server = await startPrometheus({ dir, scrapes: '' });
});
afterAll(async () => {
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

const ask = (query: string, url = server.url) => askPrometheus({ url: new URL(url), query, timeout: 2_000 });

test.each<[query: string, values: number[]]>([
  ['0.25', [0.25]],
  ['vector(7)', [7]],
  ['vector(1) or label_replace(vector(2), "a", "b", "", "")', [1, 2]],
  ['absent_for_ever', []],
  ['0 / 0', []],
  ['-vector(1) / 0', [-Infinity]],
])('answers %s with its values', async (query, values) => {
  expect(await ask(query)).toEqual({ values });
});

test.each([
  ['sum(', 'it says: invalid parameter "query"'],
  ['vector(1)[1m:10s]', 'the query gives a matrix'],
  ['"text"', 'the query gives a string'],
])('tells why %s has no values', async (query, why) => {
  expect(await ask(query)).toEqual({ why: expect.stringContaining(why) });
});

test('sends user, password and parameters as the address has them', async () => {
  const asked: string[] = [];
  const http = createServer(({ url, headers }, response) => {
    asked.push(`${url} ${Buffer.from(headers.authorization!.slice(6), 'base64')}`);
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'scalar', result: [0, '1'] } }));
  }).listen(0, '127.0.0.1');
  await once(http, 'listening');
  const at = `127.0.0.1:${(http.address() as AddressInfo).port}/prom?tenant=7`;
  try {
    expect(await ask('1', `http://ann:50%off@${at}`)).toEqual({ values: [1] });
    expect(await ask('1', `http://:a%40b@${at}`)).toEqual({ values: [1] });
  } finally {
    http.close();
  }
  expect(asked).toEqual(['/prom/api/v1/query?tenant=7 ann:50%off', '/prom/api/v1/query?tenant=7 :a@b']);
});

test('tells that nothing listens, and that something else does', async () => {
  expect(await ask('1', `http://127.0.0.1:${await freePort()}`)).toEqual({ why: 'connection refused' });
  expect(await ask('1', `${server.url}/graph`)).toEqual({ why: 'answered 404, not 200 or 400 or 422' });
});
