import { BelayError } from '../errors';
import { listBackups } from './catalog';
import type { Manifest } from './manifest';
import { type ReadRequest, readBackup } from './pipeline';
import type { Bytes, Source } from './source';

interface LoadRequest extends ReadRequest {
  source: Source;
  /** ISO 8601, or `latest`. */
  until?: string;
  scratch?: true;
}

/** Replaces the source's data by a backup, with what happened after it until a time. */
export async function loadBackup({ source, scratch, until, ...request }: LoadRequest): Promise<void> {
  const { manifest, signal } = request;
  const later = await laterDumps(request, until);
  await source.restore(readBackup(request), { signal, bytes: manifest.bytes.dumped, scratch, until, later });
}

/** Throws `input-invalid` for a time that no restore of this backup can reach. */
export function assertReachable(source: Source, manifest: Manifest, until: string | undefined): void {
  if (until === undefined) return;
  if (!source.pointInTime) {
    throw new BelayError('input-invalid', `a backup of ${manifest.kind} restores to its own time only`, {
      hint: 'restore it without a time; postgres_base with the key wal reaches any time after the backup',
    });
  }
  if (until === 'latest') return;
  if (!/T.*(Z|[+-]\d\d:?\d\d)$/.test(until) || Number.isNaN(Date.parse(until))) {
    throw new BelayError('input-invalid', `"${until}" is not a time`, {
      hint: 'write one with its zone, such as 2026-11-30T01:40:00Z, or latest',
    });
  }
  if (Date.parse(until) >= Date.parse(manifest.ended)) return;
  throw new BelayError('input-invalid', `the backup ${manifest.id} ended at ${manifest.ended}, after ${until}`, {
    hint: 'restore an earlier backup up to this time',
  });
}

/** The dumps after this one, up to the first that began after the time: they hold what happened in between. */
export async function laterDumps(request: ReadRequest, until: string | undefined): Promise<Bytes[]> {
  if (until === undefined) return [];
  const { store, manifest, signal } = request;
  const { backups } = await listBackups(store, manifest, signal);
  return laterThan(manifest, backups, until).map((one) => readBackup({ ...request, manifest: one }));
}

/** Pure. */
export function laterThan(manifest: Manifest, backups: Manifest[], until: string): Manifest[] {
  const later = backups.filter(({ started }) => started > manifest.started).sort(byStart);
  const end = until === 'latest' ? -1 : later.findIndex(({ started }) => Date.parse(started) > Date.parse(until));
  return end < 0 ? later : later.slice(0, end + 1);
}

const byStart = (a: Manifest, b: Manifest): number => (a.started < b.started ? -1 : 1);
