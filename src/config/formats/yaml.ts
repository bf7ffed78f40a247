import { type Document, isMap, isScalar, LineCounter, type Node, type YAMLMap } from 'yaml';
import type { Entry, Format, KeyPath, Reading, Span } from '../format';
import { addPair, parsed, removePair, scalarText, setValue, spanOf } from './yaml-edits';

/** YAML 1.2, one document. */
export const yaml: Format = {
  kind: 'yaml',
  flat: false,
  read,
  set: (text, entry, to) => [setValue(text, entry, to)],
  add: (text, addition) => [addPair(text, addition)],
  rename: (_, { name }, other) => [{ ...name, text: scalarText(other) }],
  remove: (text, entry) => [removePair(text, entry)],
};

function read(text: string): Reading {
  const lines = new LineCounter();
  const document = parsed(text, lines);
  const [error] = document.errors;
  const problem = error
    ? { line: lines.linePos(error.pos[0]).line, message: `is not YAML (${error.code})` }
    : document.contents === null || isMap(document.contents)
      ? undefined
      : { line: 1, message: 'is not a mapping' };
  if (problem) return { entries: [], names: [], problem };
  const names: Span[] = [];
  const entries = isMap(document.contents) ? entriesOf(document, document.contents, [], names) : [];
  return { entries, names };
}

function entriesOf(document: Document, map: YAMLMap, above: KeyPath, names: Span[]): Entry[] {
  return map.items.flatMap(({ key, value }): Entry[] => {
    if (!isScalar(key) || !key.range) return [];
    const path = [...above, String(key.value)];
    const name = spanOf(key);
    if (isMap(value) && value.items.length > 0) {
      names.push(name);
      return entriesOf(document, value, path, names);
    }
    const node = value as Node | null;
    return [
      {
        path,
        value: node?.toJS(document) ?? null,
        name,
        written: node ? spanOf(node) : { start: name.end, end: name.end },
      },
    ];
  });
}
