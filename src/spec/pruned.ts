import { overlaps, type Path } from './problem';
import { own } from './schema-at';

/**
 * A document without its wrong parts, which are removed one by one so that the rest can be checked. Paths are always
 * those of the original document.
 */
export interface Pruned {
  data: unknown;
  /** Removes the value, or the parent that lacks it. False if there was nothing to remove. */
  prune(path: Path): boolean;
  /** Marks a path as uncertain. */
  doubt(path: Path): void;
  /** True if a part on this path, at it or below it is removed or uncertain. */
  touches(path: Path): boolean;
  /** The original path of a path in the remaining document. */
  original(path: Path): Path;
}

/** Replacements of wrong values that nothing else depends on. */
const standIns: Record<string, unknown> = { platform: 'platform' };

/** Changes `data` itself. */
export function pruned(data: unknown): Pruned {
  const taken: Path[] = [];
  const indices = new WeakMap<object, number[]>();
  const indicesOf = (list: unknown[]): number[] => {
    const known = indices.get(list) ?? list.map((_, index) => index);
    indices.set(list, known);
    return known;
  };
  const at = (path: Path): unknown =>
    path.reduce<unknown>(
      (value, segment) => own(value, Array.isArray(value) ? indicesOf(value).indexOf(Number(segment)) : segment),
      data,
    );

  const prune = (path: Path): boolean => {
    const segment = path.at(-1);
    if (segment === undefined) return false;
    const parent = at(path.slice(0, -1));
    if (parent === undefined) return false;
    taken.push(path);
    if (path.length === 1 && Object.hasOwn(standIns, segment)) return standIn(parent, segment);
    if (at(path) === undefined) return prune(path.slice(0, -1));
    if (Array.isArray(parent)) removeItem(parent, indicesOf(parent), Number(segment));
    else delete (parent as Record<string, unknown>)[segment];
    return true;
  };

  return {
    data,
    prune,
    doubt: (path) => void taken.push(path),
    touches: (path) => taken.some((one) => overlaps(one, path)),
    original: (path) => originalOf(data, path, indicesOf),
  };
}

function standIn(root: unknown, segment: string | number): boolean {
  const members = root as Record<string | number, unknown>;
  const changed = members[segment] !== standIns[segment];
  members[segment] = standIns[segment];
  return changed;
}

function removeItem(list: unknown[], indices: number[], original: number): void {
  const index = indices.indexOf(original);
  list.splice(index, 1);
  indices.splice(index, 1);
}

function originalOf(data: unknown, path: Path, indicesOf: (list: unknown[]) => number[]): Path {
  let value = data;
  return path.map((segment) => {
    const list = value;
    value = own(value, segment);
    return Array.isArray(list) ? (indicesOf(list)[Number(segment)] ?? segment) : segment;
  });
}
