import { type BackupKey, rowOf, type Store, storeAt } from '../../src/backups';
import type { Deps } from '../../src/host';
import { hostPaths } from '../../src/hosts/home';
import { withLock } from '../../src/hosts/lock';
import type { FoundBackup } from '../../src/model/desired';
import { sizeText } from '../../src/model/quantities';
import type { Turn } from './turn';

/** Longest wait for another one that reads or changes the service's backups. */
const patience = 60 * 60_000;

/** The row of a thing's backups, and the store that it is in. */
export const placeOf = (platform: string, { service, what, place }: FoundBackup): { store: Store; key: BackupKey } => ({
  store: storeAt(place),
  key: rowOf({ platform, service }, what),
});

/**
 * Acts while nobody else on this host reads, makes or removes backups of the service: files that no manifest names are
 * left over then, and so are scratch instances.
 */
export const aloneWith = <T>(
  { home }: Pick<Deps, 'home'>,
  { token, signal, say }: Pick<Turn, 'token' | 'signal' | 'say'>,
  service: string,
  act: () => Promise<T>,
): Promise<T> =>
  withLock(
    {
      file: hostPaths(home).backupLock({ platform: token.platform, service }),
      signal,
      limit: patience,
      onWait: () => say(`waits for another backup or restore of ${service}`),
    },
    act,
  );

/** Returns a listener that shows how much has passed, and how fast. */
export function progressOf({ say }: Pick<Turn, 'say'>, began = Date.now()): (bytes: number) => void {
  return (bytes) => {
    const seconds = (Date.now() - began) / 1000;
    say(`${sizeText(bytes)} so far, ${sizeText(bytes / Math.max(seconds, 0.1))}/s`);
  };
}
