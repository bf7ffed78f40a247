import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node, type Pair } from 'yaml';
import type { Path } from './problem';

export interface Position {
  line: number;
  column: number;
}

/**
 * The position of the value at a path, or of its key with `atKey`. A missing value has the position of its nearest
 * parent.
 */
export type Locate = (path: Path, atKey?: boolean) => Position;

export function locator({ document, lines }: { document: Document; lines: LineCounter }): Locate {
  return (path, atKey = false) => {
    let place: Place = { node: document.contents ?? undefined };
    let missing = false;
    for (const segment of path) {
      const next = step(resolve(place.node, document), segment);
      if (!next) missing = true;
      if (!next) break;
      place = next;
    }
    return positionAt(lines, offsetOf(place, atKey || missing));
  };
}

/** Offsets are counted from 0, lines and columns from 1. */
export function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

/** The text of a key, as the parsed data has it. */
export const keyOf = (key: unknown): string => (isScalar(key) ? String(key.value ?? '') : String(key ?? ''));

interface Place {
  node?: Node;
  pair?: Pair;
}

function step(node: Node | undefined, segment: string | number): Place | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(segment)];
    return item ? { node: item as Node } : undefined;
  }
  const pair = isMap(node) ? node.items.findLast((one) => keyOf(one.key) === String(segment)) : undefined;
  return pair && { pair, node: (pair.value as Node | null) ?? undefined };
}

/** The offset of a value; an empty value has none, so its key's is used. */
function offsetOf({ node, pair }: Place, atKey: boolean): number {
  const key = (pair?.key as Node | undefined)?.range?.[0];
  const empty = isScalar(node) && node.range?.[0] === node.range?.[1];
  const value = empty ? undefined : node?.range?.[0];
  return (atKey ? (key ?? value) : (value ?? key)) ?? 0;
}

const resolve = (node: Node | undefined, document: Document): Node | undefined =>
  isAlias(node) ? node.resolve(document) : node;
