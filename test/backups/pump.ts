import { folderStore, kindIn, type Manifest, makeBackup, prepareRestore } from '../../src/backups';
import { dockerContainers } from '../../src/runtimes/docker/containers';
import type { Backup } from '../../src/spec/backups';

/**
 * A process that makes a backup, or prepares a restore, to be killed in the middle:
 * `pump.js CONTAINER FOLDER BACKUP [MANIFEST]`.
 */
const [container, folder, backup, given] = process.argv.slice(2) as [string, string, string, string?];
const { kind, asked } = kindIn(JSON.parse(backup) as Backup);
const source = kind.open(asked, { containers: dockerContainers(), container });
const store = folderStore({ folder });
const keep = {
  store,
  key: { platform: 'shop', service: 'db', kind: source.kind, name: 'all' },
  id: 'cut-off',
  recipients: [],
};
const { signal } = new AbortController();
const onBytes = (bytes: number) => void process.stdout.write(`${bytes}\n`);
if (given === undefined) void makeBackup({ ...keep, source, signal, onBytes });
else void prepareRestore({ id: 'cut', source, store, keep, manifest: JSON.parse(given) as Manifest, signal, onBytes });
