import { readFileSync } from 'node:fs';

/** The first line of a unit file that Belay installs: it replaces and removes no other. */
export const installedBy = '# Installed by Belay';

export const installedText = (text: string): string =>
  `${installedBy}; edit the file in the project folder instead.\n${text}`;

export function isInstalled(path: string): boolean {
  try {
    return readFileSync(path, 'utf8').startsWith(installedBy);
  } catch {
    return false;
  }
}
