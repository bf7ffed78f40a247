import { parse } from 'yaml';
import { referredTo } from './compose-references';
import { inFolder, isInside } from './file-name';
import { own } from './schema-at';

/** Names of the services in these Compose files; undefined where it cannot be told without Compose itself. */
export type ServicesIn = (compose: string[]) => string[] | undefined;

/** Reads the files and what they include. Where one of them is elsewhere, or cannot be read, only Compose can tell. */
export const servicesIn =
  (read: (name: string) => string | undefined): ServicesIn =>
  (compose) => {
    const files = new Set(compose.map(inFolder));
    const names = new Set<string>();
    // What is added while the files are walked is walked too.
    for (const from of files) {
      const data = isInside(from) ? dataOf(read(from)) : undefined;
      if (data === undefined) return undefined;
      for (const file of included(data)) files.add(referredTo(file, { from, compose }));
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

/** `include: [a.yaml, { path: b.yaml }, { path: [c.yaml, d.yaml] }]` */
const included = (data: unknown): string[] =>
  [own(data, 'include') ?? []]
    .flat()
    .flatMap((one) => (typeof one === 'string' ? one : own(one, 'path')))
    .map(String);
