import { lstat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { filledIn, unitSpecifiers } from '../specifiers';
import { type UnitLine, valuesOf } from '../unit-lines';

const bases: Record<string, string> = {
  StateDirectory: '/var/lib',
  CacheDirectory: '/var/cache',
  LogsDirectory: '/var/log',
  ConfigurationDirectory: '/etc',
};

/** Folders that the unit's start would make, and that stay after its end. */
export async function foldersToMake(lines: UnitLine[], unit: string): Promise<string[]> {
  const all = Object.entries(bases).flatMap(([directive, base]) =>
    named(lines, directive, unit).flatMap((name) => [join(base, name), join(base, 'private', name)]),
  );
  const made = await Promise.all(all.map(topmostMissing));
  return [...new Set(made.filter((one) => one !== undefined))];
}

/** True if the unit's folder in /run is there already. */
export async function hasRunFolder(lines: UnitLine[], unit: string): Promise<boolean> {
  const there = await Promise.all(named(lines, 'RuntimeDirectory', unit).map((name) => isThere(join('/run', name))));
  return there.some(Boolean);
}

/** Names that hold other specifiers are left out: only systemd can fill these in. */
const named = (lines: UnitLine[], directive: string, unit: string): string[] =>
  valuesOf(lines, [directive])
    .flatMap((value) => filledIn(value, unitSpecifiers(unit)).split(/\s+/))
    .map((one) => one.split(':')[0]!)
    .filter((one) => one !== '' && !one.includes('%'));

/** The path, or the first folder above it that is not there either. */
async function topmostMissing(path: string): Promise<string | undefined> {
  if (await isThere(path)) return undefined;
  const above = dirname(path);
  return above.endsWith('/private') ? path : ((await topmostMissing(above)) ?? path);
}

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );
