import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type BackupKey,
  backupId,
  folderStore,
  kindIn,
  listBackups,
  type Manifest,
  makeBackup,
  type Store,
} from '../../src/backups';
import { folderOf } from '../../src/backups/pipeline';
import type { Source } from '../../src/backups/source';
import { type Containers, dockerContainers } from '../../src/runtimes/docker/containers';
import type { Backup, BackupKindName } from '../../src/spec/backups';
import { type DatabaseKind, startDatabase } from '../../testbed/databases';
import { docker } from '../../testbed/docker';

export const never: AbortSignal = new AbortController().signal;

/** A database in a container, its source, and a folder for backups. */
export interface Site {
  containers: Containers;
  container: string;
  /** A temporary folder. */
  folder: string;
  store: Store;
  key: BackupKey;
  backup: Pick<Backup, BackupKindName>;
  source: Source;
  /** Makes a backup into the store. */
  make(more?: Partial<Parameters<typeof makeBackup>[0]>): Promise<Manifest>;
  /** The folder of the row of backups, and its files. */
  row: string;
  files(): string[];
  close(): Promise<void>;
}

let count = 0;

/** Begins a database, or any other container. */
export async function openSite(
  backup: (folder: string) => Pick<Backup, BackupKindName>,
  begin: DatabaseKind | ((container: string) => Promise<unknown>),
): Promise<Site> {
  const container = `bt-backup-${process.pid}-${++count}`;
  const folder = await mkdtemp(join(tmpdir(), `${container}-`));
  const containers = dockerContainers();
  await (typeof begin === 'string' ? startDatabase(begin, container) : begin(container)).catch(async (error) => {
    await containers.discard(container);
    throw error;
  });
  return siteOf({ containers, container, folder, backup: backup(folder) });
}

function siteOf(given: Pick<Site, 'containers' | 'container' | 'folder' | 'backup'>): Site {
  const { containers, container, folder, backup } = given;
  const source = kindIn(backup).kind.open(kindIn(backup).asked, { containers, container });
  // Of this process alone, as scratch instances are found by it.
  const key = { platform: `shop-${process.pid}`, service: 'db', kind: source.kind, name: 'all' };
  const store = folderStore({ folder: join(folder, 'backups') });
  const row = join(folder, 'backups', folderOf(key));
  mkdirSync(row, { recursive: true });
  return {
    ...given,
    store,
    key,
    source,
    make: (more) =>
      makeBackup({ source, store, key, id: backupId(new Date()), recipients: [], signal: never, ...more }),
    row,
    files: () => readdirSync(row).sort(),
    async close() {
      await containers.discard(container);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The site's backups, and nothing else in its folder. */
export async function onlyBackups({ store, key }: Pick<Site, 'store' | 'key'>): Promise<Manifest[]> {
  const { backups, damaged, loose } = await listBackups(store, key, never);
  expect({ damaged, loose }).toEqual({ damaged: [], loose: [] });
  return backups;
}

/** Runs a program in the site's container. */
export const inside = (site: Site, ...argv: string[]): Promise<string> => docker(['exec', site.container, ...argv]);

/** The text of every file below the folder. */
export function textsIn(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => readFileSync(join(one.parentPath, one.name), 'latin1'))
    .join('\n');
}
