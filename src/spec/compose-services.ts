import { parse } from 'yaml';
import { referredTo } from './compose-references';
import { inFolder, isInside } from './file-name';
import { own } from './schema-at';

/** Names of the services in these Compose files; undefined if only Compose can tell. */
export type ServicesIn = (compose: string[]) => string[] | undefined;

/**
 * Reads the files and their includes. Answers undefined for a file outside of the folder or not readable. The same
 * holds for an include with a folder of its own that includes further files.
 */
export const servicesIn =
  (read: (name: string) => string | undefined): ServicesIn =>
  (compose) => {
    const files = new Set(compose.map(inFolder));
    const names = new Set<string>();
    const displaced = new Set<string>();
    // The loop also visits files added during it.
    for (const from of files) {
      const data = isInside(from) ? dataOf(read(from)) : undefined;
      if (data === undefined) return undefined;
      const parts = included(data).map(({ file, ...more }) => ({ ...more, file: referredTo(file, { from, compose }) }));
      if (parts.length > 0 && displaced.has(from)) return undefined;
      for (const { file, isDisplaced } of parts) {
        files.add(file);
        if (isDisplaced) displaced.add(file);
      }
      for (const name of Object.keys(Object(own(data, 'services')))) names.add(name);
    }
    return [...names];
  };

function dataOf(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : parse(text, { merge: true, logLevel: 'error' });
  } catch {
    return undefined;
  }
}

interface Included {
  file: string;
  /** True if its own paths go by another folder. */
  isDisplaced: boolean;
}

/** Entries of `include: [a.yaml, { path: b.yaml }, { path: [c.yaml, d.yaml], project_directory: . }]` */
const included = (data: unknown): Included[] =>
  [own(data, 'include') ?? []].flat().flatMap((one) => {
    if (typeof one === 'string') return { file: one, isDisplaced: false };
    const paths = [own(one, 'path')].flat();
    const hasFolder = own(one, 'project_directory') !== undefined;
    return paths.map((path, index) => ({ file: String(path), isDisplaced: hasFolder || index > 0 }));
  });
