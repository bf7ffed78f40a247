import { type Backup, type BackupKindName, backupKinds, wordOf } from '../../spec/backups';
import type { Scratch } from '../scratch';
import type { Answer, Bytes, Source } from '../source';
import { filesIn } from './archive';
import { filesSource } from './files';
import { folderSource } from './folder';
import { mysqlScratch, mysqlSource } from './mysql';
import { postgresScratch, postgresSource } from './postgres';
import { postgresBaseScratch, postgresBaseSource } from './postgres-base';
import { qdrantScratch, qdrantSource } from './qdrant';
import { redisScratch, redisSource } from './redis';
import type { Place } from './tool';
import { volumeScratch, volumeSource } from './volume';

/** A kind of thing to back up. */
type SourceKind<Asked> = {
  open(asked: Asked, place: Place): Source;
  /** A word for the thing among others of its service. */
  name(asked: Asked): string;
} & Verified<Asked>;

/** A backup is verified in an empty instance, made by the variables of the live one, or is read to its end. */
type Verified<Asked> =
  | { scratch(asked: Asked, environment: Record<string, string>): Scratch<Asked> }
  | { inspect(dump: Bytes): Promise<Answer> };

type Asked<Kind extends BackupKindName> = NonNullable<Backup[Kind]>;
type Kinds = { [Kind in BackupKindName]: SourceKind<Asked<Kind>> };

/** Every kind, by its name in the spec. */
export const sourceKinds: Kinds = {
  postgres: { open: postgresSource, name: ({ database }) => wordOf(database), scratch: postgresScratch },
  postgres_base: { open: postgresBaseSource, name: () => 'all', scratch: postgresBaseScratch },
  mysql: { open: mysqlSource, name: ({ database }) => wordOf(database), scratch: mysqlScratch },
  redis: { open: redisSource, name: () => 'all', scratch: redisScratch },
  qdrant: { open: qdrantSource, name: () => 'all', scratch: qdrantScratch },
  volume: { open: volumeSource, name: ({ path }) => wordOf(path), scratch: volumeScratch },
  folder: { open: (asked) => folderSource(asked), name: ({ path }) => wordOf(path), inspect: filesIn },
  files: { open: (asked) => filesSource(asked), name: ({ paths }) => wordOf(paths[0]), inspect: filesIn },
};

/** The kind that an entry of the spec names, and its keys. */
export function kindIn(backup: Partial<Pick<Backup, BackupKindName>>): {
  name: BackupKindName;
  kind: SourceKind<unknown>;
  asked: unknown;
} {
  const name = backupKinds.find((one) => backup[one] !== undefined)!;
  return { name, kind: sourceKinds[name] as SourceKind<unknown>, asked: backup[name] };
}
