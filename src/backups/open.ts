import type { Containers } from '../runtimes/docker/containers';
import type { Backup, BackupKindName, BackupPlace } from '../spec/backups';
import type { BackupKey } from './pipeline';
import type { Source } from './source';
import { kindIn } from './sources';
import type { Store } from './store';
import { folderStore } from './stores/folder';
import { rcloneStore } from './stores/rclone';

type Thing = Pick<Backup, BackupKindName>;

/** The row of backups that a thing of a service has in its store. */
export function rowOf({ platform, service }: Pick<BackupKey, 'platform' | 'service'>, thing: Thing): BackupKey {
  const { name, kind, asked } = kindIn(thing);
  return { platform, service, kind: name, name: kind.name(asked) };
}

/** The thing as it is now. A folder of the machine has no container. */
export function sourceOf(
  thing: Thing,
  { containers, container = '' }: { containers: Containers; container?: string },
): Source {
  const { kind, asked } = kindIn(thing);
  return kind.open(asked, { containers, container });
}

/** True if the thing is in a container, and not on the machine itself. */
export const isContained = (thing: Thing): boolean => !('inspect' in kindIn(thing).kind);

export const storeAt = ({ folder, rclone }: Pick<BackupPlace, 'folder' | 'rclone'>): Store =>
  folder !== undefined ? folderStore({ folder }) : rcloneStore({ remote: rclone! });
