import { randomUUID } from 'node:crypto';
import { BelayError } from '../../errors';
import type { MysqlBackup } from '../../spec/backups/mysql';
import type { Scratch } from '../scratch';
import type { Answer, Source } from '../source';
import { drain } from '../streams';
import {
  type Place,
  type Run,
  readBy,
  runningContainer,
  type Tools,
  textInput,
  textOf,
  toolsOf,
  variableOf,
} from './tool';

/** A database of MySQL or MariaDB, by the programs in its own container. */
export function mysqlSource(asked: MysqlBackup, place: Place): Source {
  const tools = toolsOf(place);
  const run = (names: string[], argv: Argv, how: Omit<Run, 'argv'>) => runAs({ asked, place, tools }, names, argv, how);
  return {
    kind: 'mysql',
    restores: 'running',
    async facts(signal) {
      const { image } = await runningContainer(place);
      const tool = await textOf(run(dumpers, () => ['--version'], { signal, what: 'the dump program does not run' }));
      const server = await textOf(
        run(clients, () => [...quiet, '-e', 'SELECT version()'], { signal, what: unanswered }),
      );
      return { tools: { dump: tool.trim(), server: server.trim() }, extension: 'sql', compressed: false, image };
    },
    dump: (signal) =>
      run(dumpers, (database) => [...consistent, '--databases', database], { signal, what: 'the dump failed' }),
    // The dump itself removes the database first, and creates it with its own settings.
    restore: (input, { signal }) => drain(run(clients, () => quiet, { signal, input, what: 'the restore failed' })),
    async ask(question, signal) {
      const query = (database: string) => [...quiet, '-D', database];
      const input = textInput(`START TRANSACTION READ ONLY; ${question ?? 'SHOW TABLES'}`);
      return answerIn(await textOf(run(clients, query, { signal, input, what: 'the query failed' })));
    },
  };
}

type Argv = (database: string) => string[];

/** MariaDB's names first: its images have both, and the others warn. */
const dumpers = ['mariadb-dump', 'mysqldump'];
const clients = ['mariadb', 'mysql'];
const unanswered = 'the server does not answer';
const quiet = ['--batch', '--skip-column-names'];
const consistent = [
  '--single-transaction',
  '--quick',
  '--routines',
  '--events',
  '--triggers',
  '--hex-blob',
  '--no-tablespaces',
  '--add-drop-database',
];

interface Access {
  asked: MysqlBackup;
  place: Place;
  tools: Tools;
}

/** Runs the first of these programs that the container has. */
async function* runAs(access: Access, names: string[], argv: Argv, how: Omit<Run, 'argv'>): AsyncGenerator<Uint8Array> {
  const { database, env } = await accessTo(access, how.signal);
  const program = await firstOf(access, names, how.signal);
  const { asked, place } = access;
  const host = place.host === undefined ? [] : [`--host=${place.host}`, '--protocol=tcp'];
  const to = argv(database).includes('--version') ? [] : [`--user=${asked.user}`, ...host];
  yield* access.tools.run({ ...how, argv: [program, ...to, ...argv(database)], env });
}

async function firstOf({ tools }: Access, names: string[], signal: AbortSignal): Promise<string> {
  for (const name of names.slice(0, -1)) {
    const found = await tools.text({ argv: [name, '--version'], signal, what: `${name} does not run` }).catch(absent);
    if (found !== undefined) return name;
  }
  return names.at(-1)!;
}

function absent(error: unknown): undefined {
  if (!(error instanceof BelayError) || error.code !== 'preflight-failed') throw error;
}

async function accessTo({ asked, place }: Access, signal: AbortSignal) {
  const container = await runningContainer(place);
  const variable = (...names: string[]) => variableOf(container, names, readBy(place, signal));
  const database = asked.database ?? (await variable('MARIADB_DATABASE', 'MYSQL_DATABASE'));
  if (database === undefined) {
    throw new BelayError('input-invalid', `no database is named for the backup of ${place.container}`, {
      hint: 'write mysql: { database: shop }',
    });
  }
  const own =
    asked.user === 'root'
      ? await variable('MARIADB_ROOT_PASSWORD', 'MYSQL_ROOT_PASSWORD')
      : await variable('MARIADB_PASSWORD', 'MYSQL_PASSWORD');
  const password = place.password ?? own;
  return { database, env: password ? { MYSQL_PWD: password } : undefined };
}

/** A server of the same image, with a password of its own. */
export function mysqlScratch(asked: MysqlBackup, environment: Record<string, string>): Scratch<MysqlBackup> {
  const password = randomUUID();
  const variables = ['MARIADB', 'MYSQL'].map((family) => `${family}_ROOT_PASSWORD=${password}`);
  const database = asked.database ?? environment.MARIADB_DATABASE ?? environment.MYSQL_DATABASE;
  return {
    asked: { ...asked, database, user: 'root' },
    options: { Env: variables },
    password,
    // By TCP: the server that only sets up an empty volume listens on its socket alone.
    isReady: (place, signal) =>
      mysqlSource({ ...asked, database, user: 'root' }, { ...place, host: '127.0.0.1' })
        .facts(signal)
        .then(Boolean, () => false),
  };
}

/** Records are lines, as the client escapes line ends in values. Pure. */
export function answerIn(output: string): Answer {
  const records = output.split('\n').slice(0, -1);
  return { rows: records.length, first: records[0]?.split('\t')[0] };
}
