import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { type Ended, outputOf, runProgram } from '../../src/run-program';
import { fromSetup, projectRoot } from '../../testbed';
import { freePort } from '../../testbed/port';
import { type Postgres, startPostgres } from '../../testbed/postgres';
import { waitFor } from '../../testbed/wait';
import { installStandIns, startStandIn, stopStandIns } from './stand-ins';

const folder = join(projectRoot, 'examples', 'shannon');
const migrations = join(folder, 'migrations', 'postgres');
const versions = ['1.0.0', '1.1.0'];
const login = { host: '127.0.0.1', user: 'shannon', password: 'secret-of-a-test' };

let dir: string;
let postgres: Postgres;
let database: string;
let client: Client;

beforeAll(async () => {
  installStandIns();
  dir = mkdtempSync(join(tmpdir(), 'belay-migrate-'));
  chmodSync(dir, 0o755);
  postgres = await startPostgres({ dir: join(dir, 'cluster'), ...login });
}, 180_000);
afterAll(async () => {
  await postgres?.stop();
  rmSync(dir, { recursive: true, force: true });
});

let count = 0;
beforeEach(async () => {
  database = `shannon_${++count}`;
  const first = await connect('postgres');
  await first.query(`CREATE DATABASE ${database}`);
  await first.end();
  client = await connect(database);
});
afterEach(async () => {
  await stopStandIns();
  await client?.end();
});

async function connect(name: string): Promise<Client> {
  const made = new Client({ ...login, port: postgres.port, database: name });
  await made.connect();
  return made;
}

/** The environment of the image in a version: its folders are the repository's. */
function imageOf(version: string): NodeJS.ProcessEnv {
  const known = versions.slice(0, versions.indexOf(version) + 1);
  return {
    PATH: `${dirname(fromSetup('.tools', 'bin', 'dbmate'))}:${process.env.PATH}`,
    DATABASE_URL: `postgres://${login.user}:${login.password}@${login.host}:${postgres.port}/${database}?sslmode=disable`,
    DBMATE_MIGRATIONS_DIR: known.map((one) => join(migrations, one)).join(','),
    OWN_MIGRATIONS: join(migrations, version),
    DBMATE_NO_DUMP_SCHEMA: 'true',
  };
}
const dbmate = (verb: string[], version: string): Promise<Ended> =>
  runProgram({ command: 'dbmate', args: verb, env: imageOf(version) });
const migrate = (version: string): Promise<string> =>
  outputOf({ command: 'dbmate', args: ['migrate'], env: imageOf(version) });
const undo = (version: string): Promise<string> =>
  outputOf({ command: join(folder, 'migrations', 'undo.sh'), args: [], env: imageOf(version) });

const rows = async (query: string): Promise<unknown[]> =>
  (await client.query<unknown[]>({ text: query, rowMode: 'array' })).rows.flat();
const applied = () => rows('SELECT version FROM schema_migrations ORDER BY version');
const hasTokens = async () =>
  (await rows("SELECT column_name FROM information_schema.columns WHERE table_name = 'tasks'")).includes('tokens');
const [first, second] = versions.map((one) => readdirSync(join(migrations, one))[0]!.split('_')[0]!);
const addTask = (id: string) =>
  client.query(
    `INSERT INTO tasks (task_id, status, query, result) VALUES ('${id}', 'completed', 'two words', ' and three more')`,
  );

describe('migrations of a version', () => {
  test('come after those before it, and their undo leaves these and the data alone', async () => {
    await migrate('1.0.0');
    await addTask('a');
    expect((await dbmate(['status', '--exit-code'], '1.1.0')).code).toBe(1);
    await migrate('1.1.0');
    expect((await dbmate(['status', '--exit-code'], '1.1.0')).code).toBe(0);
    expect([await applied(), await hasTokens()]).toEqual([[first, second], true]);
    await undo('1.1.0');
    await undo('1.1.0');
    expect([await applied(), await hasTokens()]).toEqual([[first], false]);
    await undo('1.0.0');
    expect([await applied(), await rows('SELECT task_id FROM tasks')]).toEqual([[], ['a']]);
  });

  test('find the tables that the database made itself when its volume was empty', async () => {
    await client.query(
      'CREATE TABLE tasks (task_id text PRIMARY KEY, status text NOT NULL, query text NOT NULL, result text)',
    );
    await addTask('a');
    await migrate('1.1.0');
    expect(await rows('SELECT task_id, tokens FROM tasks')).toEqual(['a', null]);
  });

  test('fail in the words of PostgreSQL where somebody has the table, and the undo then takes back nothing', async () => {
    await migrate('1.0.0');
    await client.query('BEGIN; LOCK TABLE tasks IN ACCESS SHARE MODE');
    const { code, why } = await dbmate(['migrate'], '1.1.0');
    expect({ code, why }).toEqual({ code: 2, why: 'Error: pq: canceling statement due to lock timeout (55P03)' });
    expect(await undo('1.1.0')).toBe('');
    await client.query('ROLLBACK');
    expect([await applied(), await hasTokens()]).toEqual([[first], false]);
  });

  test('are not taken back, and it is said, where the database does not answer', async () => {
    const env = { ...imageOf('1.1.0'), DATABASE_URL: 'postgres://shannon@127.0.0.1:1/shannon?sslmode=disable' };
    const { code, why } = await runProgram({ command: join(folder, 'migrations', 'undo.sh'), args: [], env });
    expect(code).not.toBe(0);
    expect(why).toContain('connection refused');
  });
});

async function startOrchestrator(version: string): Promise<() => Promise<unknown>> {
  const [grpc, admin, metrics, closed] = (await Promise.all(Array.from({ length: 4 }, freePort))) as [
    number,
    number,
    number,
    number,
  ];
  const env = {
    ...databaseEnv(),
    VERSION: version,
    GRPC_PORT: grpc,
    ADMIN_PORT: admin,
    METRICS_PORT: metrics,
    CONFIG_PATH: join(folder, 'config', 'shannon.yaml'),
    REDIS_URL: `redis://127.0.0.1:${closed}`,
  };
  await startStandIn('orchestrator', { ports: [grpc, admin, metrics], env });
  return async () => {
    const response = await fetch(`http://127.0.0.1:${admin}/health`, { headers: { connection: 'close' } });
    return ((await response.json()) as { checks: { database: string } }).checks.database;
  };
}

const databaseEnv = () => ({
  POSTGRES_HOST: login.host,
  POSTGRES_PORT: String(postgres.port),
  POSTGRES_USER: login.user,
  POSTGRES_PASSWORD: login.password,
  POSTGRES_DB: database,
});

test('an orchestrator of 1.1.0 is not healthy before its migration, and one of 1.0.0 stays so after it', async () => {
  await migrate('1.0.0');
  const [former, next] = [await startOrchestrator('1.0.0'), await startOrchestrator('1.1.0')];
  expect([await former(), await next()]).toEqual(['ok', 'column "tokens" does not exist']);
  await migrate('1.1.0');
  await waitFor({ what: 'healthy', until: async () => (await next()) === 'ok' });
  expect(await former()).toBe('ok');
});

test('fill-tokens counts what has no tokens yet, and nothing twice; before 1.1.0 there is nothing to do', async () => {
  const fill = (version: string) =>
    outputOf({
      command: process.execPath,
      args: [join(folder, 'services', 'fill-tokens.js'), 'lock_timeout=5s'],
      env: { ...databaseEnv(), VERSION: version },
    });
  await migrate('1.0.0');
  for (const id of ['a', 'b']) await addTask(id);
  expect(await fill('1.0.0')).toBe('fill-tokens 1.0.0: tasks have no tokens before 1.1.0\n');
  await migrate('1.1.0');
  await client.query("UPDATE tasks SET tokens = 7 WHERE task_id = 'b'");
  await client.query("INSERT INTO tasks (task_id, status, query) VALUES ('c', 'running', 'still')");
  expect(await fill('1.1.0')).toContain('fill-tokens 1.1.0: 1 tasks have their tokens now\n');
  expect(await rows('SELECT tokens FROM tasks ORDER BY task_id')).toEqual([5, 7, null]);
  expect(await fill('1.1.0')).toBe('fill-tokens 1.1.0: 0 tasks have their tokens now\n');
});
