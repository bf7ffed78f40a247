import { mkdtempSync, rmSync } from 'node:fs';
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

test('tells that nothing listens, and that something else does', async () => {
  expect(await ask('1', `http://127.0.0.1:${await freePort()}`)).toEqual({ why: 'connection refused' });
  expect(await ask('1', `${server.url}/graph`)).toEqual({ why: 'answered 404, not 200 or 400 or 422' });
});
