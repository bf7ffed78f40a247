import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Source } from '../model/plan';
import { inFolder } from '../spec/file-name';

export type Read = (name: string) => string | undefined;

/** Texts of a project folder by their names, those that a release has sent before those on the disk; undefined where there is none. */
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
