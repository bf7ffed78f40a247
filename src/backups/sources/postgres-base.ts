import { BelayError } from '../../errors';
import type { ContainerFacts } from '../../runtimes/docker/containers';
import type { PostgresBaseBackup } from '../../spec/backups/postgres-base';
import type { Scratch } from '../scratch';
import type { Source } from '../source';
import { joined } from './archive-parts';
import { answerIn, countTables } from './postgres';
import { restoreBase } from './postgres-base-restore';
import { archivedAs } from './postgres-recovery';
import { type PostgresSession, postgresSession } from './postgres-session';
import { type Place, runningContainer, textOf } from './tool';
import { isOnVolume } from './volume';
import { readVolume } from './volume-reader';

/** A whole server of PostgreSQL: a base backup by its own programs, and the write-ahead log that it archived. */
export function postgresBaseSource(asked: PostgresBaseBackup, place: Place): Source {
  const session = postgresSession(asked, place);
  return {
    kind: 'postgres_base',
    restores: 'stopped',
    pointInTime: asked.wal !== undefined,
    async facts(signal) {
      const { image } = await runningContainer(place);
      const argv = () => ['pg_basebackup', '--version'];
      const tool = await textOf(session.run(argv, { signal, what: 'pg_basebackup does not run' }));
      if (asked.wal !== undefined) await assertArchives({ session, place, wal: asked.wal, signal });
      const server = await setting(session, 'server_version', signal);
      return { tools: { pg_basebackup: tool.trim(), server }, extension: 'tar', compressed: false, image };
    },
    dump: (signal) => dump(asked, { session, place, signal }),
    restore: (data, how) => restoreBase(asked, place, data, how),
    ask: async (question = countTables, signal) => answerIn(await session.query(question, signal)),
  };
}

interface Access {
  session: PostgresSession;
  place: Place;
  signal: AbortSignal;
}

/** The log is read after the base backup, so it reaches to its end at least. */
async function* dump({ wal }: PostgresBaseBackup, { session, place, signal }: Access): AsyncGenerator<Uint8Array> {
  const argv = () => ['pg_basebackup', '--pgdata=-', '--format=tar', '--wal-method=fetch', ...quick];
  const base = session.run(argv, { signal, what: 'the base backup failed' });
  if (wal === undefined) return yield* base;
  const { image } = await runningContainer(place);
  yield* joined([
    { archive: base, as: (path) => path },
    { archive: readVolume(place, { path: `${wal}/.`, image, signal }), as: archivedAs },
  ]);
}

const quick = ['--checkpoint=fast', '--label=belay', '--no-password'];

async function assertArchives({ session, place, wal, signal }: Access & { wal: string }): Promise<void> {
  const { containers, container } = place;
  const isThere = await containers.has({ container, path: `${wal}/.`, signal });
  if (!isThere || !isOnVolume(await runningContainer(place), wal)) {
    throw new BelayError('input-invalid', `${container} has no volume at ${wal} for its write-ahead log`, {
      hint: `mount a volume at ${wal}, or correct the backup's key wal`,
    });
  }
  if ((await setting(session, 'archive_mode', signal)) !== 'off') return;
  throw new BelayError('input-invalid', `${container} archives no write-ahead log: its archive_mode is off`, {
    hint: `set archive_mode and archive_command to copy into ${wal}, and start it anew; or remove the backup's key wal`,
  });
}

const setting = async (session: PostgresSession, name: string, signal: AbortSignal): Promise<string> =>
  answerIn(await session.query(`SHOW ${name}`, signal)).first ?? '';

const alone = ['-c', 'hot_standby=off', '-c', 'archive_mode=off'];

/** A server of the same image that takes connections only after its recovery. */
export function postgresBaseScratch(
  asked: PostgresBaseBackup,
  environment: ContainerFacts['environment'],
): Scratch<PostgresBaseBackup> {
  const { PGDATA, POSTGRES_USER = 'postgres', POSTGRES_DB, POSTGRES_PASSWORD } = environment;
  const user = asked.user ?? POSTGRES_USER;
  const own = { ...asked, user, database: asked.database ?? POSTGRES_DB ?? user, data: asked.data ?? PGDATA };
  return {
    asked: own,
    options: { Cmd: ['postgres', ...alone], Env: own.data === undefined ? [] : [`PGDATA=${own.data}`] },
    // Users are restored with their passwords.
    password: POSTGRES_PASSWORD,
    isReady: (place, signal) =>
      postgresBaseSource(own, place)
        .ask('SELECT 1', signal)
        .then(Boolean, () => false),
  };
}
