import { readFileSync } from 'node:fs';
import {
  commitRestore,
  folderStore,
  forgetRestore,
  kindIn,
  type Manifest,
  makeBackup,
  prepareRestore,
} from '../src/backups';
import { dockerContainers } from '../src/runtimes/docker/containers';

/** What a process of its own took, and the most memory that it had. */
export interface ProcessFigures {
  seconds: number;
  megabytes: number;
  manifest: Manifest;
}

/** A backup, or the restore of one: `backup-process.js CONTAINER FOLDER [MANIFEST]`. Writes ProcessFigures as JSON. */
async function main([container, folder, given]: string[]): Promise<void> {
  const store = folderStore({ folder: folder! });
  const { kind, asked } = kindIn({ postgres: {} });
  const source = kind.open(asked, { containers: dockerContainers(), container: container! });
  const key = { platform: 'bench', service: 'db', kind: 'postgres', name: 'shop' };
  const { signal } = new AbortController();
  const began = performance.now();
  let manifest: Manifest;
  let forget: (() => Promise<void>) | undefined;
  if (given === undefined) {
    manifest = await makeBackup({ source, store, key, id: 'ours', recipients: [], signal });
  } else {
    manifest = JSON.parse(given) as Manifest;
    const request = { source, store, manifest, signal };
    const restoration = await prepareRestore({ ...request, id: 'bench' });
    await commitRestore({ ...request, restoration });
    forget = () => forgetRestore({ ...request, restoration });
  }
  const seconds = (performance.now() - began) / 1000;
  await forget?.();
  const peak = Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
  process.stdout.write(JSON.stringify({ seconds, megabytes: peak / 1024, manifest } satisfies ProcessFigures));
}

void main(process.argv.slice(2));
