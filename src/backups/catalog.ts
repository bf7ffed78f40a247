import { BelayError } from '../errors';
import { type Manifest, readManifest } from './manifest';
import { type BackupKey, folderOf } from './pipeline';
import { textOf } from './sources/tool';
import { type Store, unfinished } from './store';

/** All that a folder of backups holds. */
export interface Catalog {
  /** Oldest first. */
  backups: Manifest[];
  /** Manifests that cannot be used, in words. */
  damaged: string[];
  /** Files that belong to no manifest: of a backup that is being made, or was cut off. */
  loose: string[];
}

/** Lists the backups of one thing. A backup whose file is missing, or has another size, counts as damaged. */
export async function listBackups(store: Store, key: BackupKey, signal: AbortSignal): Promise<Catalog> {
  const folder = folderOf(key);
  const files = await store.list(folder, signal);
  const backups: Manifest[] = [];
  const damaged: string[] = [];
  for (const { name } of files.filter(({ name }) => name.endsWith('.json'))) {
    const path = `${folder}/${name}`;
    try {
      const manifest = readManifest(await textOf(store.get(path, signal)), path);
      const bytes = files.find((file) => file.name === manifest.file)?.bytes;
      if (bytes === manifest.bytes.stored) backups.push(manifest);
      else damaged.push(`${folder}/${manifest.file} ${bytes === undefined ? 'is missing' : `has ${bytes} bytes`}`);
    } catch (error) {
      if (!(error instanceof BelayError) || !['backup-damaged', 'ledger-newer'].includes(error.code)) throw error;
      damaged.push(error.message);
    }
  }
  return { backups, damaged, loose: looseIn(files.map(({ name }) => name)) };
}

/** Files without a manifest. Pure. */
export function looseIn(names: string[]): string[] {
  const ids = new Set(names.filter((name) => name.endsWith('.json')).map(idOf));
  return names.filter((name) => name.endsWith(unfinished) || !ids.has(idOf(name)));
}

const idOf = (name: string): string => name.slice(0, name.indexOf('.'));

/** Removes files of backups that were cut off; `busy` are the ids of backups that are being made. */
export async function sweepLoose(
  store: Store,
  key: BackupKey,
  { busy, signal }: { busy: string[]; signal: AbortSignal },
): Promise<string[]> {
  const { loose } = await listBackups(store, key, signal);
  const gone = loose.filter((name) => !busy.includes(idOf(name)));
  for (const name of gone) await store.remove(`${folderOf(key)}/${name}`, signal);
  return gone;
}

/** Removes a backup: the manifest first, so that half of it looks like nothing. */
export async function removeBackup(store: Store, manifest: Manifest, signal: AbortSignal): Promise<void> {
  await store.remove(`${folderOf(manifest)}/${manifest.id}.json`, signal);
  await store.remove(`${folderOf(manifest)}/${manifest.file}`, signal);
}
