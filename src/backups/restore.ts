import { decrypt, encrypt } from './filters';
import type { Manifest } from './manifest';
import { type BackupRequest, makeBackup, type ReadRequest, readBackup, whole } from './pipeline';
import { assertReachable, laterDumps, loadBackup } from './point-in-time';
import type { Source } from './source';
import { textInput } from './sources/tool';
import { drain } from './streams';

/** A restore of one thing, as data: each verb below seeks a state and may be called again. */
export interface Restoration {
  /** Unique among the restores of the source, of letters and digits. */
  id: string;
  manifest: Manifest;
  /** ISO 8601, or `latest`: what happened after the backup is replayed until then. */
  until?: string;
  /** A backup of what is replaced; absent if the source keeps that beside the live data. */
  kept?: Manifest;
}

interface PrepareRequest extends ReadRequest {
  id: string;
  source: Source;
  /** Public keys of age for what is kept. */
  recipients?: string[];
  /** See `Restoration`; only for a source with `pointInTime`. */
  until?: string;
}

/**
 * Does all that can be done while the live data is in use. It loads the backup beside the live data; if the source
 * cannot, it reads the backup to its end. Changes nothing of the live data.
 */
export async function prepareRestore(request: PrepareRequest): Promise<Restoration> {
  const { id, source, manifest, until } = request;
  assertReachable(source, manifest, until);
  return await whole(request.signal, async (signal) => {
    const data = readBackup({ ...request, signal });
    if (!source.swap) {
      await assertOpens({ ...request, signal });
      for (const dump of [data, ...(await laterDumps({ ...request, signal }, until))]) await drain(dump);
      return { id, manifest, ...(until !== undefined && { until }) };
    }
    try {
      const beside = await source.swap.beside(id, signal);
      await beside.restore(data, { signal, bytes: manifest.bytes.dumped });
      return { id, manifest };
    } catch (error) {
      // The first error is the one to report, and the signal may be what ended it.
      await source.swap.discard(id, AbortSignal.timeout(60_000)).catch(() => undefined);
      throw error;
    }
  });
}

/** Throws unless the identity opens what is encrypted to the keys: the undo of a restore needs that. */
async function assertOpens({ recipients = [], identity, signal }: PrepareRequest): Promise<void> {
  if (recipients.length > 0) await drain(decrypt(encrypt(textInput('belay'), recipients, signal), identity!, signal));
}

interface KeepRequest
  extends Pick<BackupRequest, 'source' | 'store' | 'key' | 'id' | 'recipients' | 'signal' | 'onBytes'> {
  restoration: Restoration;
}

/**
 * Keeps the present data, for a source that cannot keep it beside the live data: makes a backup of it. Nothing may write
 * from then on until the restore is committed.
 */
export async function keepPresent({ restoration, ...request }: KeepRequest): Promise<Restoration> {
  if (request.source.swap) return restoration;
  return { ...restoration, kept: await makeBackup({ ...request, replacedBy: restoration.id }) };
}

interface ChangeRequest extends Pick<ReadRequest, 'store' | 'identity' | 'signal' | 'onBytes'> {
  source: Source;
  restoration: Restoration;
}

/** Replaces the live data. A source that restores while it is stopped must be stopped by now. */
export async function commitRestore({ restoration, ...request }: ChangeRequest): Promise<void> {
  const { source, signal } = request;
  if (source.swap) await source.swap.exchange(restoration.id, signal);
  else await load(request, restoration);
}

/** Puts back what the restore replaced. */
export async function undoRestore({ restoration, ...request }: ChangeRequest): Promise<void> {
  const { source, signal } = request;
  if (source.swap) await source.swap.back(restoration.id, signal);
  else await load(request, { manifest: restoration.kept! });
}

/** Removes all beside the live data; a kept backup goes by its retention. */
export async function forgetRestore({ source, restoration, signal }: ChangeRequest): Promise<void> {
  await source.swap?.discard(restoration.id, signal);
  await source.swap?.forget(restoration.id, signal);
}

const load = (request: Omit<ChangeRequest, 'restoration'>, data: Pick<Restoration, 'manifest' | 'until'>) =>
  whole(request.signal, (signal) => loadBackup({ ...request, ...data, signal }));
