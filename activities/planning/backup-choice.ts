import { type BackupKey, type Catalog, listBackups, type Manifest, type Store, thingOf } from '../../src/backups';
import { BelayError } from '../../src/errors';

interface Question {
  store: Store;
  key: BackupKey;
  /** The id of the backup; `latest`, or absent: the newest one that is no copy of what a restore replaced. */
  id?: string;
  signal: AbortSignal;
}

/** The manifest of a backup that is there. Throws `input-invalid` where there is none, and `backup-damaged`. */
export async function manifestOf(question: Question): Promise<Manifest> {
  return chosen(await listBackups(question.store, question.key, question.signal), question);
}

/** Pure. */
export function chosen(
  { backups, damaged }: Catalog,
  { id = 'latest', key, store }: Pick<Question, 'id' | 'key' | 'store'>,
): Manifest {
  const found = id === 'latest' ? latestOf(backups) : backups.find((one) => one.id === id);
  if (found) return found;
  const row = `${thingOf(key)} of ${key.service}`;
  const broken = damaged.find((one) => id === 'latest' || one.includes(id));
  if (broken) {
    const which = id === 'latest' ? `no backup of ${row} can be used` : `backup ${id} of ${row} cannot be used`;
    throw new BelayError('backup-damaged', `${which}: ${broken}`, {
      hint: backups.length > 0 ? `restore another one: ${idsOf(backups)}` : `see ${store.place}`,
    });
  }
  const which =
    id === 'latest' ? `there is no backup of ${row} in ${store.place}` : `there is no backup ${id} of ${row}`;
  const hint = backups.length > 0 ? `the latest are ${idsOf(backups)}` : 'make one first: belay backup';
  throw new BelayError('input-invalid', which, { hint });
}

/** Returns the newest backup that is no copy of what a restore replaced. Pure. */
export const latestOf = (backups: Manifest[]): Manifest | undefined =>
  backups.filter(({ replacedBy }) => replacedBy === undefined).at(-1);

const idsOf = (backups: Manifest[]): string =>
  backups
    .slice(-5)
    .reverse()
    .map(({ id }) => id)
    .join(', ');
