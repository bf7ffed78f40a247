import { randomUUID } from 'node:crypto';
import type { PostgresBackup } from '../../spec/backups/postgres';
import type { Scratch } from '../scratch';
import type { Answer, Bytes, RestoreOptions, Source } from '../source';
import { drain } from '../streams';
import { type PostgresSession, postgresSession } from './postgres-session';
import { postgresSwap } from './postgres-swap';
import { type Place, runningContainer, textOf } from './tool';

/** A database of PostgreSQL, by the programs in its own container: those of the host may be of another version. */
export function postgresSource(asked: PostgresBackup, place: Place): Source {
  const session = postgresSession(asked, place);
  return {
    kind: 'postgres',
    restores: 'running',
    async facts(signal) {
      const { image } = await runningContainer(place);
      const tool = await textOf(session.run(() => ['pg_dump', '--version'], { signal, what: 'pg_dump does not run' }));
      const { first: server = '' } = answerIn(await session.query('SHOW server_version', signal));
      return { tools: { pg_dump: tool.trim(), server }, extension: 'dump', compressed: true, image };
    },
    dump: (signal) => dump(session, signal),
    restore: (data, how) => restore(session, data, how),
    ask: async (question = countTables, signal) => answerIn(await session.query(question, signal)),
    swap: postgresSwap(session, (database) => postgresSource({ ...asked, database }, place)),
  };
}

export const countTables =
  "SELECT count(*) FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')";

function dump(session: PostgresSession, signal: AbortSignal): Bytes {
  const argv = (database: string) => ['pg_dump', '--format=custom', '--no-password', '-d', database];
  return session.run(argv, { signal, what: 'the dump failed' });
}

/** Into an empty database. A scratch instance has no roles but its own. */
async function restore(session: PostgresSession, input: Bytes, { signal, scratch }: RestoreOptions): Promise<void> {
  const more = scratch ? ['--no-owner', '--no-privileges'] : [];
  const argv = (database: string) => ['pg_restore', '--exit-on-error', '--no-password', ...more, '-d', database];
  await drain(session.run(argv, { signal, input, what: 'the restore failed' }));
}

/** A server of the same image, with a password of its own. */
export function postgresScratch(asked: PostgresBackup, environment: Record<string, string>): Scratch<PostgresBackup> {
  const password = randomUUID();
  const user = asked.user ?? environment.POSTGRES_USER ?? 'postgres';
  const database = asked.database ?? environment.POSTGRES_DB ?? user;
  const variables = { POSTGRES_USER: user, POSTGRES_DB: database, POSTGRES_PASSWORD: password };
  return {
    asked: { user, database },
    options: { Env: Object.entries(variables).map(([name, value]) => `${name}=${value}`) },
    password,
    // By TCP: the server that only sets up an empty volume listens on its socket alone.
    isReady: (place, signal) =>
      postgresSource({ user, database }, { ...place, host: '127.0.0.1' })
        .facts(signal)
        .then(Boolean, () => false),
  };
}

/** Records end with a zero byte, and fields with a tab. Pure. */
export function answerIn(output: string): Answer {
  const records = output.split('\0').slice(0, -1);
  return { rows: records.length, first: records[0]?.split('\t')[0] };
}
