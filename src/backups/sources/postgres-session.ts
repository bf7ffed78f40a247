import type { PostgresBackup } from '../../spec/backups/postgres';
import type { Bytes } from '../source';
import { drain } from '../streams';
import { type Place, readBy, runningContainer, textInput, textOf, toolsOf, variableOf } from './tool';

interface How {
  signal: AbortSignal;
  input?: Bytes;
  /** The failure, for people. */
  what: string;
  env?: Record<string, string>;
}

/** Connections to one database as one user, by the programs in its container. */
export interface PostgresSession {
  /** The database's name. */
  name(signal: AbortSignal): Promise<string>;
  /** Runs a program, given the database. */
  run(argv: (database: string) => string[], how: How): Bytes;
  /** Answers a query that changes nothing. A record ends with a zero byte, as values may have lines. */
  query(text: string, signal: AbortSignal): Promise<string>;
  /** Runs a script of psql in a maintenance database, which is another one; the variables are names, and no secrets. */
  script(text: string, variables: Record<string, string>, signal: AbortSignal): Promise<void>;
}

const psql = ['psql', '--no-password', '--no-psqlrc', '--quiet', '-v', 'ON_ERROR_STOP=1'];
const records = ['--tuples-only', '--no-align', '--record-separator-zero', '--field-separator', '\t'];

export function postgresSession(asked: PostgresBackup, place: Place): PostgresSession {
  const tools = toolsOf(place);
  async function* run(argv: (database: string) => string[], { env, ...how }: How) {
    const access = await accessTo(asked, place, readBy(place, how.signal));
    yield* tools.run({ argv: argv(access.database), ...how, env: { ...access.env, ...env } });
  }
  return {
    name: async (signal) => (await accessTo(asked, place, readBy(place, signal))).database,
    run,
    query: (text, signal) =>
      textOf(
        run((database) => [...psql, ...records, '-d', database, '-c', text], {
          signal,
          what: 'the query failed',
          env: { PGOPTIONS: '-c default_transaction_read_only=on' },
        }),
      ),
    script(text, variables, signal) {
      const set = Object.entries(variables).flatMap(([name, value]) => ['-v', `${name}=${value}`]);
      // No session can rename the database that it is connected to.
      const beside = (database: string) => (database === 'postgres' ? 'template1' : 'postgres');
      const argv = (database: string) => [...psql, '-d', beside(database), ...set, '-f', '-'];
      return drain(run(argv, { signal, input: textInput(text), what: 'the change of databases failed' }));
    },
  };
}

/** The container's own variables tell what the spec does not. */
async function accessTo(asked: PostgresBackup, place: Place, read: (path: string) => Promise<string>) {
  const container = await runningContainer(place);
  const variable = (name: string) => variableOf(container, [name], read);
  const user = asked.user ?? (await variable('POSTGRES_USER')) ?? 'postgres';
  const password = place.password ?? (await variable('POSTGRES_PASSWORD'));
  const database = asked.database ?? (await variable('POSTGRES_DB')) ?? user;
  const env = {
    PGUSER: user,
    PGCONNECT_TIMEOUT: '10',
    ...(place.host && { PGHOST: place.host }),
    ...(password && { PGPASSWORD: password }),
  };
  return { database, env };
}
