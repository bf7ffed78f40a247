import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import type { Source } from '../model/plan';
import { inFolder } from '../spec/file-name';

export type Read = (name: string) => string | undefined;

/** Reads texts of a project folder by name, files sent with the release first; undefined for a missing file. */
export function reader({ folder, files = {} }: Pick<Source, 'folder'> & Partial<Pick<Source, 'files'>>): Read {
  const sent = new Map(Object.entries(files).map(([name, text]) => [inFolder(name), text]));
  return (name) => sent.get(inFolder(name)) ?? readIfThere(resolve(folder, name));
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Returns a path as people in this folder would write it. */
export function shown(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short === '' ? '.' : short.startsWith('..') ? path : short;
}
