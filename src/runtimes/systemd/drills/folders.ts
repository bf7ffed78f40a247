import { lstat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { filledIn, unitSpecifiers } from '../specifiers';
import { type UnitLine, valuesOf } from '../unit-lines';

/** Directives by which systemd makes folders, and where it makes them. */
export const bases: Record<string, string> = {
  StateDirectory: '/var/lib',
  CacheDirectory: '/var/cache',
  LogsDirectory: '/var/log',
  ConfigurationDirectory: '/etc',
  RuntimeDirectory: '/run',
};

/** The paths that a name may have: a dynamic user's folder is private, and a link leads there. Pure. */
export const pathsOf = (directive: string, name: string): string[] => [
  join(bases[directive]!, name),
  join(bases[directive]!, 'private', name),
];

/** Folders that the unit's start makes if they are not there. Pure. */
export const foldersOf = (lines: UnitLine[], unit: string): string[] =>
  Object.keys(bases).flatMap((directive) => named(lines, directive, unit).flatMap((name) => pathsOf(directive, name)));

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

/** Returns those of the folders that are not there, and the missing ones above them, the deepest first. */
export async function missingOf(all: string[]): Promise<{ folders: string[]; parents: string[] }> {
  const folders = await missing([...new Set(all)]);
  const above = [...new Set(folders.flatMap(foldersAbove))].filter((one) => !folders.includes(one));
  const parents = (await missing(above)).sort((one, other) => other.length - one.length);
  return { folders, parents };
}

/** Those of systemd itself stay, as it made them for all. */
function foldersAbove(path: string): string[] {
  const above = dirname(path);
  return above === path || above.endsWith('/private') ? [] : [above, ...foldersAbove(above)];
}

async function missing(paths: string[]): Promise<string[]> {
  const there = await Promise.all(paths.map(isThere));
  return paths.filter((_, index) => !there[index]);
}

export const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );
