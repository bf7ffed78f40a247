import { z } from 'zod';
import { listFolder, removeFile } from '../hosts/file';
import { fileFormat } from '../hosts/format';
import { hostPaths } from '../hosts/home';
import { readJson, writeJson } from '../hosts/json-file';
import { manifestSchema } from './manifest';
import type { BackupKey } from './pipeline';
import type { Restoration } from './restore';

const RestoreRecord = z.object({
  format: z.literal(1),
  /** Unique among the restores of the thing, and in the order of time. */
  id: z.string(),
  manifest: manifestSchema,
  /** ISO 8601, or `latest`: what happened after the backup was replayed until then. */
  until: z.string().optional(),
  /** A backup of what was replaced; absent if that is kept beside the live data. */
  kept: manifestSchema.optional(),
  /** `prepared`: the live data is untouched. `replaced`: from the start of its change on. `undone`: it is the former data again. */
  state: z.enum(['prepared', 'replaced', 'undone']),
  /** ISO 8601: when it was prepared. */
  at: z.string(),
  by: z.string(),
  reason: z.string(),
  /** The workflow. */
  release: z.string(),
});
/** A restore of one thing, as its host keeps it until it is forgotten. */
export type RestoreRecord = z.infer<typeof RestoreRecord>;
const recordFile = fileFormat(RestoreRecord);

interface Thing {
  home: string;
  key: BackupKey;
}

/** The word for the thing among others of its service: `postgres-shop`. */
export const thingOf = ({ kind, name }: Pick<BackupKey, 'kind' | 'name'>): string => `${kind}-${name}`;

export const restoreRecord = ({ home, key }: Thing, id: string): Promise<RestoreRecord | undefined> =>
  readJson(hostPaths(home).restore(key, thingOf(key), id), recordFile);

/** The restores of the thing that are not forgotten, oldest first. */
export async function restoreRecords({ home, key }: Thing): Promise<RestoreRecord[]> {
  const names = await listFolder(hostPaths(home).restores(key, thingOf(key)));
  const ids = names.flatMap((name) => /^(\w+)\.json$/.exec(name)?.[1] ?? []).sort();
  const all = await Promise.all(ids.map((id) => restoreRecord({ home, key }, id)));
  return all.filter((one) => one !== undefined);
}

/** Call it inside an effect. */
export const writeRestoreRecord = ({ home, key }: Thing, record: Omit<RestoreRecord, 'format'>): Promise<void> =>
  writeJson(hostPaths(home).restore(key, thingOf(key), record.id), { format: 1, ...record });

/** Call it inside an effect. */
export const removeRestoreRecord = ({ home, key }: Thing, id: string): Promise<void> =>
  removeFile(hostPaths(home).restore(key, thingOf(key), id));

/** The restore as its verbs take it. Pure. */
export const restorationIn = ({ id, manifest, until, kept }: RestoreRecord): Restoration => ({
  id,
  manifest,
  ...(until !== undefined && { until }),
  ...(kept && { kept }),
});
