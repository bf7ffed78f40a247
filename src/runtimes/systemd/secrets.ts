import type { KnownService } from './known';
import { assignments, valuesOf } from './unit-lines';

/**
 * Values that a unit's log may show, under names that tell them apart: variables of the unit and of all its files, and
 * credentials. Pure.
 */
export function secretsOf({ hostLines, unitEnvFiles, envFiles, credentials }: KnownService): Record<string, string> {
  const own = valuesOf(hostLines, ['Environment']).flatMap(assignments);
  const inFiles = [...unitEnvFiles, ...envFiles].flatMap(({ path, values }) => entriesAt(path, values));
  return Object.fromEntries([...own, ...inFiles, ...entriesAt('credentials', credentials)]);
}

const entriesAt = (place: string, values: Record<string, string>): Array<[string, string]> =>
  Object.entries(values).map(([name, value]) => [`${place} ${name}`, value]);
