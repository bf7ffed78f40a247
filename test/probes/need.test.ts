import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTls } from 'node:tls';
import { checkNeed, hostOf, type NeedCheck } from '../../src/probes';
import { addressesOf } from '../../src/probes/postgres';
import { freePort, unknownHost } from '../../testbed/port';
import { type Postgres, startPostgres, startStandby } from '../../testbed/postgres';
import { type Redis, startRedis } from '../../testbed/redis';
import { waitFor } from '../../testbed/wait';
import { http, serving, tcp } from '../contracts/probe-contract';
import { servingGrpc } from './grpc-server';

const ask = (kind: NeedCheck['kind'], text: string, more: Partial<NeedCheck> = {}) =>
  checkNeed({ kind, text, timeout: 3000, ...more });
const not = (why: string) => ({ healthy: false, why });

test.each([
  ['http', 'http://flags:9000/health', 'flags'],
  ['http', 'ftp://flags', undefined],
  ['tcp', 'temporal:7233', 'temporal'],
  ['tcp', '[::1]:7233', '::1'],
  ['tcp', 'temporal', undefined],
  ['grpc', 'orders:50051/shop.Orders', 'orders'],
  ['postgres', 'postgresql://shop:s3cret%40@db/shop', 'db'],
  ['redis', 'rediss://redis:6379', 'redis'],
  ['redis', '', undefined],
  ['redis', 'redis://:100%@redis', undefined],
] as const)('reads the host of a need: %s %s', (kind, text, host) => {
  expect(hostOf({ kind, text })).toBe(host);
});

test.each(['http', 'tcp', 'postgres', 'redis', 'grpc'] as const)('says that a %s need is no address', async (kind) => {
  expect(await ask(kind, 'secret value')).toEqual(not(`is not an address of ${kind}`));
});

describe('an http need', () => {
  test('asks the address that it is given by the name and the user that are written', async () => {
    const seen: unknown[] = [];
    const server = http(({ url, headers }, response) => {
      seen.push([url, headers.host, headers.authorization]);
      response.writeHead(204).end();
    });
    await serving(server, async (port) => {
      const text = `http://ana:pass%20word@${unknownHost}:${port}/health?full=1`;
      expect(await ask('http', text, { address: '127.0.0.1', status: 204 })).toEqual({ healthy: true });
      expect(seen).toEqual([
        ['/health?full=1', `${unknownHost}:${port}`, `Basic ${Buffer.from('ana:pass word').toString('base64')}`],
      ]);
      expect(await ask('http', text, { address: '127.0.0.1' })).toEqual(not('answered 204, not 200'));
      expect(await ask('http', text)).toEqual(not('the name of its host is not known here'));
    });
  });
});

test('a tcp need wants a connection', async () => {
  await serving(
    tcp(() => undefined),
    async (port) => {
      expect(await ask('tcp', `127.0.0.1:${port}`)).toEqual({ healthy: true });
      expect(await ask('tcp', `temporal:${port}`, { address: '127.0.0.1' })).toEqual({ healthy: true });
    },
  );
  expect(await ask('tcp', `127.0.0.1:${await freePort()}`)).toEqual(not('connection refused'));
});

test('a gRPC need asks for the service that is written', async () => {
  await servingGrpc({ '': 2, 'shop.Orders': 1 }, async (port) => {
    expect(await ask('grpc', `orders:${port}/shop.Orders`, { address: '127.0.0.1' })).toEqual({ healthy: true });
    expect(await ask('grpc', `orders:${port}`, { address: '127.0.0.1' })).toEqual(not('answered NOT_SERVING'));
  });
});

describe('a postgres need', () => {
  const password = 'it is a s3cret';
  const encoded = encodeURIComponent(password);
  let dir: string;
  let postgres: Postgres;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'belay-postgres-'));
    chmodSync(dir, 0o755);
    postgres = await startPostgres({ dir: join(dir, 'cluster'), user: 'shop', password });
  }, 180_000);
  afterAll(async () => {
    await postgres?.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  const on = (login: string, database = 'postgres', more: Partial<NeedCheck> = {}) =>
    ask('postgres', `postgres://${login}@127.0.0.1:${postgres.port}/${database}`, more);

  test('is met by a database that answers a query', async () => {
    expect(await on(`shop:${encoded}`)).toEqual({ healthy: true });
    expect(await on(`shop:${encoded}`, 'postgres?sslmode=prefer')).toEqual({ healthy: true });
  });

  test('asks the address that it is given', async () => {
    const text = `postgresql://shop:${encoded}@${unknownHost}:${postgres.port}/postgres`;
    expect(await ask('postgres', text, { address: '127.0.0.1' })).toEqual({ healthy: true });
    expect(await ask('postgres', text)).toEqual(not('the name of its host is not known here'));
  });

  test('is not met by a wrong password, a database that is not there, or one without TLS where that is asked for', async () => {
    expect(await on('shop:wrong')).toEqual(not('it refuses the password'));
    expect(await on('nobody:wrong')).toEqual(not('it refuses the password'));
    expect(await on('shop')).toEqual(not('it wants a password, and the address has none'));
    expect(await on(`shop:${encoded}`, 'shop')).toEqual(not('it has no such database'));
    expect(await on(`shop:${encoded}`, 'postgres?sslmode=require')).toEqual(not('it does not support TLS'));
  });

  test('is not met where nobody listens, where nobody answers, and where something else does', async () => {
    const at = (port: number, timeout = 3000) => ask('postgres', `postgres://shop:pw@127.0.0.1:${port}/a`, { timeout });
    expect(await at(await freePort())).toEqual(not('connection refused'));
    expect(
      await serving(
        tcp(() => undefined),
        (port) => at(port, 200),
      ),
    ).toEqual(not('no answer within 200ms'));
    const closing = tcp((socket) => socket.once('data', () => socket.end()));
    expect(await serving(closing, (port) => at(port))).toEqual(not('connection closed without an answer'));
  });

  test.each([
    ['select true', true],
    ['select count(*) from pg_class', true],
    ["select 'x'", true],
    ['select 1.5', true],
    ['select false', false],
    ['select 0::bigint', false],
    ['select 0.00', false],
    ["select ''", false],
    ['select null', false],
    ['select 1 where false', false],
  ])('is met by what its query answers: %s', async (query, healthy) => {
    const answer = healthy ? { healthy } : not('its query answers nothing, false or zero');
    expect(await on(`shop:${encoded}`, 'postgres', { query })).toEqual(answer);
  });

  test.each([
    ['select * from plans', '42P01'],
    ['select 1; select 2', '42601'],
    ['with gone as (delete from pg_description returning 1) select 1 from gone', '25006'],
  ])('is not met by a query that fails: %s', async (query, code) => {
    const answer = not(`its query ends with error ${code}`);
    expect(await on(`shop:${encoded}`, 'postgres', { query })).toEqual(answer);
  });

  test('waits no longer than it may for its query', async () => {
    const late = on(`shop:${encoded}`, 'postgres', { query: 'select 1 from pg_sleep(60)', timeout: 1000 });
    expect(await late).toEqual(not('no answer within 1s'));
  });

  test('is not met by a standby, unless the need takes one', async () => {
    const standby = await startStandby({ dir: join(dir, 'standby'), of: postgres, user: 'shop', password });
    try {
      const text = `postgres://shop:${encoded}@127.0.0.1:${standby.port}/postgres`;
      expect(await ask('postgres', text)).toEqual(not('it is in recovery: a standby, or not yet restored'));
      expect(await ask('postgres', text, { recovery: true })).toEqual({ healthy: true });
      expect(await ask('postgres', text, { recovery: true, query: 'select pg_is_in_recovery()' })).toEqual({
        healthy: true,
      });
    } finally {
      await standby.stop();
    }
  });

  test('is asked without TLS first and with it second, where the address leaves it open', () => {
    const modes = (text: string) => addressesOf(new URL(text)).map((one) => new URL(one).searchParams.get('sslmode'));
    expect(modes('postgres://db/shop')).toEqual(['disable', 'require']);
    expect(modes('postgres://db/shop?sslmode=prefer')).toEqual(['disable', 'require']);
    expect(modes('postgres://db/shop?sslmode=verify-full')).toEqual(['verify-full']);
  });
});

describe('a redis need', () => {
  const password = 'p@ss/word';
  const user = { name: 'shop', password: 'the-shops-own' };
  let dir: string;
  let redis: Redis;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'belay-redis-'));
    redis = await startRedis({ dir, password, user });
  });
  afterAll(async () => {
    await redis?.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  const on = (login: string, path = '', more: Partial<NeedCheck> = {}) =>
    ask('redis', `redis://${login}127.0.0.1:${redis.port}${path}`, more);

  test('is met by one that answers PING, after the password, the user and the database that are written', async () => {
    expect(await on(`:${encodeURIComponent(password)}@`)).toEqual({ healthy: true });
    expect(await on(`shop:${user.password}@`, '/1')).toEqual({ healthy: true });
    const text = `redis://shop:${user.password}@redis.invalid:${redis.port}`;
    expect(await ask('redis', text, { address: '127.0.0.1' })).toEqual({ healthy: true });
  });

  test('is not met without the password, with a wrong one, or by a database that is not there', async () => {
    expect(await on('')).toEqual(not('it refuses the user or the password (NOAUTH)'));
    expect(await on('shop:wrong@')).toEqual(not('it refuses the user or the password (WRONGPASS)'));
    expect(await on(`shop:${user.password}@`, '/99')).toEqual(not('answered ERR'));
  });

  test('is not met where nobody listens, where nobody answers, and where something else does', async () => {
    const at = (port: number, timeout = 3000) => ask('redis', `redis://127.0.0.1:${port}`, { timeout });
    expect(await at(await freePort())).toEqual(not('connection refused'));
    const silent = tcp(() => undefined);
    expect(await serving(silent, (port) => at(port, 200))).toEqual(not('no answer within 200ms'));
    const other = tcp((socket) => void socket.write('220 hello\r\n'));
    expect(await serving(other, (port) => at(port))).toEqual(not('answered something other than Redis'));
    const number = tcp((socket) => socket.on('data', () => socket.write(':1\r\n')));
    expect(await serving(number, (port) => at(port))).toEqual(not('answered something other than Redis'));
    const closing = tcp((socket) => void socket.end());
    expect(await serving(closing, (port) => at(port))).toEqual(not('connection closed without an answer'));
  });

  test('is met by a master, unless it asks for another role', async () => {
    const login = `:${encodeURIComponent(password)}@`;
    expect(await on(login, '', { role: 'master' })).toEqual({ healthy: true });
    expect(await on(login, '', { role: 'any' })).toEqual({ healthy: true });
    expect(await on(login, '', { role: 'replica' })).toEqual(not('it is a master, not a replica'));
    const forbidden = not('its user may not ask for its role (NOPERM): allow ROLE');
    expect(await on(`shop:${user.password}@`, '', { role: 'master' })).toEqual(forbidden);
    expect(await on(`shop:${user.password}@`, '', { role: 'any' })).toEqual({ healthy: true });
  });

  test('is not met by a replica, unless it asks for one, and then by one that has its master', async () => {
    const replica = await startRedis({ dir, password, user, master: redis.port });
    const at = (role?: NeedCheck['role']) =>
      ask('redis', `redis://:${encodeURIComponent(password)}@127.0.0.1:${replica.port}`, { role });
    try {
      expect(await at()).toEqual(not('it is a replica, not a master'));
      expect(await at('any')).toEqual({ healthy: true });
      await waitFor({ what: 'the replica with its data', until: async () => (await at('replica')).healthy, every: 50 });
    } finally {
      await replica.stop();
    }
    const alone = await startRedis({ dir, password, user, master: await freePort() });
    try {
      const text = `redis://:${encodeURIComponent(password)}@127.0.0.1:${alone.port}`;
      expect(await ask('redis', text, { role: 'replica' })).toEqual(not('it is a replica without its master'));
    } finally {
      await alone.stop();
    }
  });

  test('is met by a server that knows no ROLE, unless a role is asked for', async () => {
    const simple = tcp((socket) =>
      socket.on('data', (data) =>
        socket.write(`${data}`.includes('ROLE') ? "-ERR unknown command 'ROLE'\r\n" : '+PONG\r\n'),
      ),
    );
    await serving(simple, async (port) => {
      const text = `redis://127.0.0.1:${port}`;
      expect(await ask('redis', text)).toEqual({ healthy: true });
      expect(await ask('redis', text, { role: 'any' })).toEqual({ healthy: true });
      expect(await ask('redis', text, { role: 'master' })).toEqual(not('answered ERR'));
    });
  });

  test('is not met while it loads its data', async () => {
    const loading = tcp((socket) => void socket.on('data', () => socket.write('-LOADING Redis is loading\r\n')));
    expect(await serving(loading, (port) => ask('redis', `redis://127.0.0.1:${port}`))).toEqual(
      not('it is still loading its data'),
    );
  });

  test('is not met by a certificate that this machine does not trust, and names the host that is written', async () => {
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(dir, name)) as [string, string];
    const files = ['-keyout', key, '-out', cert, '-subj', '/CN=redis.invalid'];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...files], { stdio: 'ignore' });
    const names: unknown[] = [];
    const server = createTls({
      key: readFileSync(key),
      cert: readFileSync(cert),
      SNICallback: (name, done) => {
        names.push(name);
        done(null);
      },
    });
    const result = await serving(server, (port) =>
      ask('redis', `rediss://:${encodeURIComponent(password)}@redis.invalid:${port}`, { address: '127.0.0.1' }),
    );
    expect(result).toEqual(not('TLS: DEPTH_ZERO_SELF_SIGNED_CERT'));
    expect(names).toEqual(['redis.invalid']);
  });

  test('keeps no connection once it has its answer', async () => {
    let open = 0;
    const server = tcp((socket) => {
      open += 1;
      socket.on('data', (asked) => socket.write(asked.includes('PING') ? '+PONG\r\n' : '*1\r\n$6\r\nmaster\r\n'));
      socket.on('close', () => {
        open -= 1;
      });
    });
    await serving(server, async (port) => {
      expect(await ask('redis', `redis://127.0.0.1:${port}`)).toEqual({ healthy: true });
      await waitFor({ what: 'the end of the connection', until: () => open === 0, every: 5 });
    });
  });

  test('ends when it is told to while it waits', async () => {
    const abort = new AbortController();
    const silent = tcp(() => abort.abort(new Error('told to')));
    const asking = serving(silent, (port) => ask('redis', `redis://127.0.0.1:${port}`, { signal: abort.signal }));
    await expect(asking).rejects.toThrow('told to');
  });
});
