import { z } from 'zod';
import { Time } from '../duration';
import { sentence } from '../words';
import { files } from './files';
import { folder } from './folder';
import { mysql } from './mysql';
import { postgres } from './postgres';
import { postgresBase } from './postgres-base';
import { qdrant } from './qdrant';
import { redis } from './redis';
import { volume } from './volume';

/** The spec's keys for each kind of backup, in the order of the schema. */
export const backupWords = { postgres, postgres_base: postgresBase, mysql, redis, qdrant, volume, folder, files };

export type BackupKindName = keyof typeof backupWords;
export const backupKinds = Object.keys(backupWords) as BackupKindName[];

/** Kinds that no container is needed for. */
export const kindsOfTheMachine: BackupKindName[] = ['folder', 'files'];

const kindKeys = {
  postgres: postgres.optional(),
  postgres_base: postgresBase.optional(),
  mysql: mysql.optional(),
  redis: redis.optional(),
  qdrant: qdrant.optional(),
  volume: volume.optional(),
  folder: folder.optional(),
  files: files.optional(),
};

const moments = ['job', 'configure'] as const;
export type BackupMoment = (typeof moments)[number];

export { partOf, wordOf } from './part';
export { BackupPlace, type BackupSchedule } from './place';

/** One thing of a service to back up. */
export const Backup = z
  .strictObject({
    ...kindKeys,
    service: sentence(
      z.string().min(1).optional(),
      'The Compose service that has it, where that is another one, such as a database that no release touches.',
    ),
    before: sentence(
      z.array(z.enum(moments)).default([]),
      'The steps that a release makes the backup before. job: the first job of any of its services; configure: its first change of a service.',
    ),
    writers: sentence(
      z.array(z.string().min(1)).optional(),
      'Services that a restore stops; those that depend on this one where absent.',
    ),
    keep: sentence(z.number().int().min(1).max(1000).default(7), 'How many of the latest backups stay.'),
    keep_for: sentence(Time.optional(), 'Age after which a backup may go, such as 30d; none by age where absent.'),
    encrypt: sentence(
      z.array(z.string().regex(/^(age1|ssh-)/, 'is not a recipient — write the public key of age or SSH')).default([]),
      'Public keys of age; whoever has one of their identities can restore.',
    ),
    verify: sentence(
      z
        .strictObject({
          query: sentence(
            z.string().min(1).optional(),
            'The question to the restored data; a simple one where absent.',
          ),
        })
        .optional(),
      'Restores each backup into a scratch instance, and asks it; {} asks a simple question. Files are read and counted.',
    ),
  })
  .refine((one) => backupKinds.filter((kind) => one[kind] !== undefined).length === 1, {
    message: `is not one backup — write exactly one of ${backupKinds.join(', ')}`,
  })
  .describe('A backup of a part of the service, made on request and before steps of a release.');
export type Backup = z.infer<typeof Backup>;
