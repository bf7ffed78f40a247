import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkNeed, type NeedCheck } from '../../src/probes';
import { type Mariadb, startMariadb } from '../../testbed/mariadb';
import { freePort, unknownHost } from '../../testbed/port';
import { serving, tcp } from '../contracts/probe-contract';

const password = 'it is a s3cret';
const encoded = encodeURIComponent(password);
let dir: string;
let mariadb: Mariadb;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'belay-mariadb-'));
  mariadb = await startMariadb({ dir, user: 'shop', password });
}, 60_000);
afterAll(async () => {
  await mariadb?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const ask = (text: string, more: Partial<NeedCheck> = {}) => checkNeed({ kind: 'mysql', text, timeout: 3000, ...more });
const on = (login: string, path = '/shop', more: Partial<NeedCheck> = {}) =>
  ask(`mysql://${login}@127.0.0.1:${mariadb.port}${path}`, more);
const not = (why: string) => ({ healthy: false, why });

test('is met by a database that answers a query, at the address that is given', async () => {
  expect(await on(`shop:${encoded}`)).toEqual({ healthy: true });
  expect(await on(`shop:${encoded}`, '')).toEqual({ healthy: true });
  const text = `mysql://shop:${encoded}@${unknownHost}:${mariadb.port}/shop`;
  expect(await ask(text, { address: '127.0.0.1' })).toEqual({ healthy: true });
  expect(await ask(text)).toEqual(not('the name of its host is not known here'));
});

test('is not met by a wrong password, a database that is not there, or one without TLS where that is asked for', async () => {
  expect(await on('shop:wrong')).toEqual(not('it refuses the user or the password'));
  expect(await on('shop')).toEqual(not('it refuses the user or the password'));
  expect(await on('nobody:wrong')).toEqual(not('it refuses the user or the password'));
  expect(await on(`shop:${encoded}`, '/mysql')).toEqual(not('it refuses the user this database'));
  expect(await on(`shop:${encoded}`, '/shop?ssl-mode=REQUIRED')).toEqual(not('it does not support TLS'));
});

test.each([
  ['select true', true],
  ['select count(*) from plans', true],
  ["select 'x'", true],
  ['select 0.50', true],
  ['select false', false],
  ['select 0.00', false],
  ["select ''", false],
  ['select null', false],
  ['select id from plans where id > 1', false],
])('is met by what its query answers: %s', async (query, healthy) => {
  const answer = healthy ? { healthy } : not('its query answers nothing, false or zero');
  expect(await on(`shop:${encoded}`, '/shop', { query })).toEqual(answer);
});

test.each([
  ['select * from orders', 'ER_NO_SUCH_TABLE'],
  ['select 1; select 2', 'ER_PARSE_ERROR'],
])('is not met by a query that fails: %s', async (query, code) => {
  expect(await on(`shop:${encoded}`, '/shop', { query })).toEqual(not(`its query ends with error ${code}`));
});

test('is not met where nobody listens, where nobody answers, and where something else does', async () => {
  const at = (port: number, timeout = 3000) => ask(`mysql://shop:pw@127.0.0.1:${port}/a`, { timeout });
  expect(await at(await freePort())).toEqual(not('connection refused'));
  const silent = tcp(() => undefined);
  expect(await serving(silent, (port) => at(port, 200))).toEqual(not('no answer within 200ms'));
  const closing = tcp((socket) => void socket.end());
  expect(await serving(closing, (port) => at(port))).toEqual(not('connection closed without an answer'));
});

test('waits no longer than it may for its query', async () => {
  const late = on(`shop:${encoded}`, '/shop', { query: 'select sleep(60) + 1', timeout: 1000 });
  expect(await late).toEqual(not('no answer within 1s'));
});

test('ends when it is told to while it waits', async () => {
  const abort = new AbortController();
  const silent = tcp(() => abort.abort(new Error('told to')));
  const asking = serving(silent, (port) => ask(`mysql://127.0.0.1:${port}`, { signal: abort.signal }));
  await expect(asking).rejects.toThrow('told to');
});
