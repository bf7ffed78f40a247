import { z } from 'zod';
import { sentence } from '../words';
import { Database, User } from './parts';

/** A database of PostgreSQL, by pg_dump in its own container. */
export const postgres = z
  .strictObject({
    database: sentence(Database.optional(), "The database; the container's POSTGRES_DB where absent."),
    user: sentence(User.optional(), "The user; the container's POSTGRES_USER, or postgres, where absent."),
  })
  .describe('A database of PostgreSQL, dumped by pg_dump in its own container.');
export type PostgresBackup = z.infer<typeof postgres>;
