import { getNodeValue, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { Entry, Format, KeyPath, Reading, Span } from '../format';
import { lineOf } from '../lines';
import { addMember, removeMember } from './json-members';

/** JSON, with comments and trailing commas where it has them. */
export const json: Format = {
  kind: 'json',
  flat: false,
  read,
  set: (_, { written }, { value }) => [{ ...written, text: JSON.stringify(value) }],
  add: (text, addition) => addMember(text, treeOf(text), addition),
  rename: (_, { name }, other) => [{ ...name, text: JSON.stringify(other) }],
  remove: (text, { path }) => removeMember(text, treeOf(text)!, path),
};

const treeOf = (text: string, errors: ParseError[] = []): Node | undefined =>
  parseTree(text, errors, { allowTrailingComma: true, allowEmptyContent: true });

function read(text: string): Reading {
  const errors: ParseError[] = [];
  const root = treeOf(text, errors);
  const [error] = errors;
  const problem = error
    ? { line: lineOf(text, error.offset), message: `is not JSON (${printParseErrorCode(error.error)})` }
    : root && root.type !== 'object'
      ? { line: 1, message: 'is not an object' }
      : undefined;
  const names: Span[] = [];
  const entries = root && !problem ? entriesOf(root, [], names) : [];
  return { entries, names, ...(problem && { problem }) };
}

function entriesOf({ children = [] }: Node, above: KeyPath, names: Span[]): Entry[] {
  return children.flatMap(({ children: parts = [] }): Entry[] => {
    const [key, value] = parts as [Node, Node | undefined];
    if (!value) return [];
    const path = [...above, String(key.value)];
    if (value.type === 'object' && value.children?.length) {
      names.push(spanOf(key));
      return entriesOf(value, path, names);
    }
    return [{ path, value: getNodeValue(value), name: spanOf(key), written: spanOf(value) }];
  });
}

const spanOf = ({ offset, length }: Node): Span => ({ start: offset, end: offset + length });
