import { folderStore, kindIn, makeBackup } from '../../src/backups';
import { dockerContainers } from '../../src/runtimes/docker/containers';
import type { Backup } from '../../src/spec/backups';

/** A process that makes a backup, to be killed in the middle: `pump.js CONTAINER FOLDER BACKUP`. */
const [container, folder, backup] = process.argv.slice(2) as [string, string, string];
const { kind, asked } = kindIn(JSON.parse(backup) as Backup);
const source = kind.open(asked, { containers: dockerContainers(), container });
const key = { platform: 'shop', service: 'db', kind: source.kind, name: 'all' };
void makeBackup({
  source,
  store: folderStore({ folder }),
  key,
  id: 'cut-off',
  recipients: [],
  signal: new AbortController().signal,
  onBytes: (bytes) => process.stdout.write(`${bytes}\n`),
});
