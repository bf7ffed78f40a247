import type { Backup, BackupKindName } from '.';

type Kinds = Partial<Pick<Backup, BackupKindName>>;

/** What tells a thing from others of its kind in the same service. Workflows read this: it imports types alone. */
const parts: { [Kind in BackupKindName]: (asked: NonNullable<Backup[Kind]>) => string | undefined } = {
  postgres: ({ database }) => database,
  postgres_base: () => undefined,
  mysql: ({ database }) => database,
  redis: () => undefined,
  qdrant: () => undefined,
  volume: ({ path }) => path,
  folder: ({ path }) => path,
  files: ({ paths }) => paths[0],
};

/** The kind of an entry, and the part of its service that tells it from others of the kind. */
export function partOf(one: Kinds): { kind: BackupKindName; part?: string } {
  const kind = (Object.keys(parts) as BackupKindName[]).find((name) => one[name] !== undefined)!;
  return { kind, part: parts[kind](one[kind] as never) };
}

/** The part as a word of a path: by it, the rows of backups and the steps of a release are told apart. */
export const wordOf = (part = 'default'): string =>
  part.replace(/[^\w.-]+/g, '-').replace(/^[-.]+|[-.]+$/g, '') || 'root';
