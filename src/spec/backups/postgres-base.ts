import { z } from 'zod';
import { sentence } from '../words';
import { AbsolutePath, Database, User } from './parts';

/** All databases of a server of PostgreSQL, by pg_basebackup in its own container. */
export const postgresBase = z
  .strictObject({
    data: sentence(
      AbsolutePath.optional(),
      "The folder of its files in the container; the container's PGDATA, or /var/lib/postgresql/data, where absent.",
    ),
    wal: sentence(
      AbsolutePath.optional(),
      'The folder in the container that `archive_command` copies the write-ahead log to; without it, no restore to a point in time.',
    ),
    user: sentence(
      User.optional(),
      "A user that may replicate; the container's POSTGRES_USER, or postgres, where absent.",
    ),
    database: sentence(Database.optional(), "The database that is asked; the container's POSTGRES_DB where absent."),
  })
  .describe('A whole server of PostgreSQL, as a base backup, with the write-ahead log that it archived.');
export type PostgresBaseBackup = z.infer<typeof postgresBase>;
