import { formatPath } from '../spec/problem';
import type { Format, KeyPath } from './format';

/** A path as people write it: `database.pool.size`; in an env file the name itself. */
export const keyOf = ({ flat }: Pick<Format, 'flat'>, path: KeyPath): string => (flat ? path[0]! : formatPath(path));

/** The path that a key of a rule means: names between dots, or in `["a.b"]`. */
export function pathOf({ flat }: Pick<Format, 'flat'>, key: string): KeyPath {
  if (flat) return [key];
  const parts = [...key.matchAll(/\["((?:\\.|[^"\\])*)"\]|([^.[\]]+)/g)];
  if (parts.length === 0) return [key];
  return parts.map(([, quoted, plain]) => (quoted === undefined ? plain! : quoted.replace(/\\(.)/g, '$1')));
}
