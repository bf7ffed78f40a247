import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Unit } from './unit';

/** The part of a host that a unit runs, and a release would replace. */
export interface Program {
  kind: 'file' | 'folder';
  path: string;
}

type Look = (path: string) => 'file' | 'folder' | undefined;

/** Returns the unit's own program; undefined if all of it is the distribution's. Pure, but for `look`. */
export function programOf({ command, folder }: Pick<Unit, 'command' | 'folder'>, look: Look = onDisk) {
  const [path, ...args] = command;
  if (path === undefined) return undefined;
  if (isDistributions(path)) return interpreters.test(path) ? script(args, folder, look) : undefined;
  const [before, inModules] = path.split('/node_modules/.bin/');
  if (inModules !== undefined) return asFolder(folder || before!);
  const home = dirname(dirname(path));
  if (look(join(home, 'pyvenv.cfg')) === 'file') return asFolder(folder || dirname(home));
  return asFile(path);
}

/** Folders that many programs share. */
export const isDistributions = (path: string): boolean => /^\/(usr\/)?(s?bin|lib|libexec|share)\//.test(path);

const interpreters = /\/(python|node|deno|bun|ruby|perl|php|java|dotnet|beam|bash|dash|sh)[\d.]*$/;

function script(args: string[], folder: string, look: Look): Program | undefined {
  const file = args
    .map((arg) => (arg.startsWith('/') ? arg : join(folder || '/', arg)))
    .find((path) => isOwn(path, look));
  if (file !== undefined && /\.(jar|war|pyz|phar)$/.test(file)) return asFile(file);
  if (file !== undefined) return asFolder(folder && file.startsWith(`${folder}/`) ? folder : dirname(file));
  return folder && look(folder) === 'folder' ? asFolder(folder) : undefined;
}

const isOwn = (path: string, look: Look): boolean => look(path) === 'file' && !isDistributions(path);

const asFile = (path: string): Program => ({ kind: 'file', path });
const asFolder = (path: string): Program => ({ kind: 'folder', path });

function onDisk(path: string): ReturnType<Look> {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && (found.isDirectory() ? 'folder' : 'file');
}
