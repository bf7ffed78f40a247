import { type BackupKey, folderStore, kindIn, type Manifest, makeBackup, prepareRestore } from '../../src/backups';
import { dockerContainers } from '../../src/runtimes/docker/containers';
import type { Backup } from '../../src/spec/backups';

/**
 * A process that makes a backup, or prepares a restore, to be killed in the middle:
 * `pump.js CONTAINER FOLDER BACKUP KEY [MANIFEST]`.
 */
const [container, folder, backup, key, given] = process.argv.slice(2) as [string, string, string, string, string?];
const { kind, asked } = kindIn(JSON.parse(backup) as Backup);
const source = kind.open(asked, { containers: dockerContainers(), container });
const store = folderStore({ folder });
const { signal } = new AbortController();
if (given === undefined)
  void makeBackup({ store, key: JSON.parse(key) as BackupKey, id: 'cut-off', recipients: [], source, signal });
else void prepareRestore({ id: 'cut', source, store, manifest: JSON.parse(given) as Manifest, signal });
