import { dirname, join } from 'node:path';
import { type Directive, readDirectives } from './directives';

/** A whole configuration: each file's directives stand in the place of its include. */
export interface Configuration {
  /** The path of its main file. */
  path: string;
  directives: Directive[];
}

/** Reads a configuration as `nginx -T` prints it. Files that it prints without a name count as the main one. Pure; never throws. */
export function readConfiguration(text: string): Configuration {
  const [before = '', ...parts] = text.split(heading);
  const files = new Map<string, Directive[]>();
  for (let index = 0; index < parts.length; index += 2)
    files.set(parts[index]!, readDirectives(parts[index + 1]!, parts[index]));
  const [path = ''] = files.keys();
  const main = [...readDirectives(before), ...(files.get(path) ?? [])];
  return { path, directives: expanded(main, { files, folder: dirname(path), within: [path] }) };
}

const heading = /^# configuration file (.*):$/m;

interface Place {
  files: Map<string, Directive[]>;
  /** Relative paths count from the folder of the main file, wherever they stand. */
  folder: string;
  /** The files that lead here. */
  within: string[];
}

const expanded = (directives: Directive[], place: Place): Directive[] =>
  directives.flatMap((one) => {
    if (one.name !== 'include') return [{ ...one, block: expanded(one.block, place) }];
    const isMeant = pathPattern(place.folder, one.words[0] ?? '');
    const meant = [...place.files.keys()].filter((path) => isMeant.test(path) && !place.within.includes(path));
    const inner = meant.flatMap((path) =>
      expanded(place.files.get(path)!, { ...place, within: [...place.within, path] }),
    );
    return [one, ...inner];
  });

/** Returns the shape of the paths that an include means: `conf.d/*.conf`. */
function pathPattern(folder: string, written: string): RegExp {
  const path = written.startsWith('/') ? written : join(folder, written);
  const shape = path
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
  try {
    return new RegExp(`^${shape}$`);
  } catch {
    return /$^/;
  }
}
