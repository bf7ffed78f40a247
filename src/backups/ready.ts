import { BelayError } from '../errors';
import { expectInstalled } from './filters';
import { type BackupKey, folderOf } from './pipeline';
import type { Source } from './source';
import type { Store } from './store';

interface Question {
  source: Source;
  store: Store;
  key: BackupKey;
  recipients: string[];
  /** The size of the last backup, where there is one. */
  last?: number;
  signal: AbortSignal;
}

/** Throws what would keep a backup from succeeding, as far as that can be known: the thing, the tools, the place. */
export async function expectReady({ source, store, key, recipients, last = 0, signal }: Question): Promise<void> {
  const { compressed } = await source.facts(signal);
  if (!compressed) await expectInstalled('zstd', signal);
  if (recipients.length > 0) await expectInstalled('age', signal);
  const { free = Number.POSITIVE_INFINITY } = await store.ready(folderOf(key), signal);
  if (free >= last) return;
  const megabytes = (bytes: number) => `${Math.ceil(bytes / 1_000_000)} MB`;
  throw new BelayError(
    'preflight-failed',
    `${store.place}: ${megabytes(free)} are free, and the last backup takes ${megabytes(last)}`,
    { hint: 'make room there, or let fewer backups stay: keep and keep_for in belay.yaml' },
  );
}
