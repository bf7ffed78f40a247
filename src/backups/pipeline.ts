import { BelayError } from '../errors';
import { compress, decompress, decrypt, encrypt } from './filters';
import { type Manifest, writeManifest } from './manifest';
import type { Bytes, Source, SourceFacts } from './source';
import type { Store } from './store';
import { batched, type Count, counted, digested, type Progress, proven } from './streams';

/** The thing that a row of backups is of. */
export interface BackupKey {
  platform: string;
  service: string;
  kind: string;
  /** Name of the database or the volume. */
  name: string;
}

export interface BackupRequest {
  source: Source;
  store: Store;
  key: BackupKey;
  /** Unique among the backups of the key, and in the order of time: see `backupId`. */
  id: string;
  /** Public keys of age; none for an open file. */
  recipients: string[];
  /** The workflow that makes it. */
  release?: string;
  /** The restore that replaces this data. */
  replacedBy?: string;
  signal: AbortSignal;
  /** Told the bytes of the dump so far. */
  onBytes?: Progress;
}

/** The folder of a row of backups in its store. */
export const folderOf = ({ platform, service, kind, name }: BackupKey): string =>
  [platform, service, `${kind}-${name}`].join('/');

export const manifestPath = (manifest: BackupKey & { id: string }): string =>
  `${folderOf(manifest)}/${manifest.id}.json`;

/** An id for a backup that starts now, such as `20261129T221643123Z`. */
export const backupId = (now: Date): string => now.toISOString().replace(/[-:.]/g, '');

/**
 * Makes a backup: dump, compression, encryption, store, and the manifest last. After an error or a death of this process
 * nothing looks like a backup. A second try with the same id begins anew.
 */
export async function makeBackup(request: BackupRequest): Promise<Manifest> {
  const { source, store, key, id, recipients, release, replacedBy } = request;
  return await whole(request.signal, async (signal) => {
    const started = new Date().toISOString();
    const facts = await source.facts(signal);
    await store.ready(folderOf(key), signal);
    const file = `${id}.${extensionOf(facts, recipients)}`;
    const { dumped, stored, sha256 } = await pump({ ...request, signal }, facts, `${folderOf(key)}/${file}`);
    const manifest: Manifest = {
      format: 1,
      id,
      ...key,
      started,
      ended: new Date().toISOString(),
      ...(release && { release }),
      ...(replacedBy && { replacedBy }),
      tools: facts.tools,
      ...(facts.image && { image: facts.image }),
      file,
      bytes: { dumped, stored },
      sha256,
      compression: facts.compressed ? 'own' : 'zstd',
      recipients,
    };
    await putManifest(store, manifest, signal);
    return manifest;
  });
}

export async function putManifest(store: Store, manifest: Manifest, signal: AbortSignal): Promise<void> {
  const text = Buffer.from(writeManifest(manifest));
  const data = (async function* () {
    yield text;
  })();
  await store.put(manifestPath(manifest), data, signal);
}

async function pump({ source, store, recipients, signal, onBytes }: BackupRequest, facts: SourceFacts, path: string) {
  let dumped = 0;
  let count: Count | undefined;
  let data: Bytes = counted(batched(source.dump(signal)), (bytes) => {
    dumped = bytes;
    onBytes?.(bytes);
  });
  data = notEmpty(data, source.kind);
  if (!facts.compressed) data = compress(data, signal);
  if (recipients.length > 0) data = encrypt(data, recipients, signal);
  data = digested(data, (found) => {
    count = found;
  });
  await store.put(path, data, signal);
  return { dumped, stored: count!.bytes, sha256: count!.sha256 };
}

/** No tool dumps nothing: even an empty database has a header. */
async function* notEmpty(data: Bytes, kind: string): AsyncGenerator<Uint8Array> {
  let isEmpty = true;
  for await (const piece of data) {
    isEmpty = false;
    yield piece;
  }
  if (isEmpty) throw new BelayError('backup-failed', `the dump (${kind}) is empty`, { hint: 'try the tool by hand' });
}

function extensionOf({ extension, compressed }: SourceFacts, recipients: string[]): string {
  return [extension, ...(compressed ? [] : ['zst']), ...(recipients.length > 0 ? ['age'] : [])].join('.');
}

export interface ReadRequest {
  store: Store;
  manifest: Manifest;
  /** File of an identity of age; needed for an encrypted backup. */
  identity?: string;
  signal: AbortSignal;
  /** Told the bytes of the dump so far. */
  onBytes?: Progress;
}

/** The dump of a backup, as its tool wrote it. It never ends well if the stored file is not what was written. */
export function readBackup({ store, manifest, identity, signal, onBytes = () => undefined }: ReadRequest): Bytes {
  const path = `${folderOf(manifest)}/${manifest.file}`;
  const { recipients, compression, bytes, sha256 } = manifest;
  if (recipients.length > 0 && identity === undefined) throw noIdentity(manifest);
  let data: Bytes = proven(store.get(path, signal), { bytes: bytes.stored, sha256 }, `${path} in ${store.place}`);
  if (recipients.length > 0) data = decrypt(data, identity!, signal);
  if (compression === 'zstd') data = decompress(data, signal);
  return counted(data, onBytes);
}

const noIdentity = ({ id, recipients }: Manifest): BelayError =>
  new BelayError('input-invalid', `the backup ${id} is encrypted, and no identity is given`, {
    hint: `give the file of an identity of ${recipients.join(' or ')}`,
  });

/** Runs the work under a signal of its own, so that whatever is left of it ends with it. */
export async function whole<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const over = new AbortController();
  try {
    return await work(AbortSignal.any([signal, over.signal]));
  } finally {
    over.abort();
  }
}
