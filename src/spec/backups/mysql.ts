import { z } from 'zod';
import { sentence } from '../words';
import { Database, User } from './parts';

/** A database of MySQL or MariaDB, by the dump program of its own container. */
export const mysql = z
  .strictObject({
    database: sentence(
      Database.optional(),
      "The database; the container's MARIADB_DATABASE or MYSQL_DATABASE where absent.",
    ),
    user: sentence(User.default('root'), 'The user.'),
  })
  .describe('A database of MySQL or MariaDB, dumped by the program in its own container.');
export type MysqlBackup = z.infer<typeof mysql>;
