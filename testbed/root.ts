import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The project's folder, from testbed/ and from dist/testbed/. */
export const projectRoot = findRoot(__dirname);

/** Returns the path of a program that `scripts/setup.sh` installs. Throws with the way to get it if it is missing. */
export function fromSetup(...path: string[]): string {
  const full = join(projectRoot, ...path);
  if (!existsSync(full)) throw new Error(`${path.join('/')} is missing: run scripts/setup.sh`);
  return full;
}

function findRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error(`no package.json above ${__dirname}`);
  return findRoot(parent);
}
