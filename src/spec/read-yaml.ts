import {
  type Document,
  isScalar,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  visit,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import { keyOf, type Locate, locator, type Position, positionAt } from './locate';
import type { Path, Problem } from './problem';

export interface YamlProblem extends Problem {
  position: Position;
  /** Set if the document cannot become data. */
  unreadable?: true;
}

export interface YamlFile {
  /** Plain objects, lists and scalars, nothing shared; absent if the text cannot be parsed. */
  data?: unknown;
  locate: Locate;
  /** True for a key without a value; an explicit null is not blank. */
  isBlank(path: Path): boolean;
  problems: YamlProblem[];
}

/** Reads YAML 1.2 (core). Duplicate keys, tags, merge keys and second documents are problems; never throws. */
export function readYaml(text: string): YamlFile {
  const lines = new LineCounter();
  try {
    return read(text, lines);
  } catch (error) {
    const message = `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    const start = { line: 1, column: 1 };
    return { locate: () => start, isBlank: () => true, problems: [{ path: [], message, position: start }] };
  }
}

function read(text: string, lines: LineCounter): YamlFile {
  const options = {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    resolveKnownTags: false,
    logLevel: 'silent',
  } as const;
  const parsed = parseAllDocuments(text, { ...options, version: '1.2', schema: 'core' });
  const documents = 'empty' in parsed ? [] : [...parsed];
  const [document, second] = documents;
  if (!document || (documents.length === 1 && isEmpty(document))) return emptyFile();
  const locate = locator({ document, lines });
  const syntax = [...document.errors, ...document.warnings].map((error) => syntaxProblem(error, lines));
  if (second) syntax.push(secondDocument(second, lines));
  const problems = [...syntax, ...contentProblems(document, locate)];
  const readable = document.errors.length === 0 && !problems.some((one) => one.unreadable);
  const data = readable ? plain(document.toJS({ maxAliasCount: 100 }), []) : undefined;
  return { data, locate, isBlank: (path) => isBlankNode(document.getIn(path, true)), problems };
}

const isEmpty = (document: Document): boolean =>
  document.errors.length === 0 &&
  (document.contents === null || (isScalar(document.contents) && document.contents.value === null));

const isBlankNode = (node: unknown): boolean => isScalar(node) && node.range?.[0] === node.range?.[1];

function emptyFile(): YamlFile {
  const start = { line: 1, column: 1 };
  const hint = 'write platform and services, or let `belay init` write them';
  const problem = { path: [], message: 'the file is empty', hint, position: start };
  return { locate: () => start, isBlank: () => true, problems: [problem] };
}

function syntaxProblem(error: YAMLError, lines: LineCounter): YamlProblem {
  const position = positionAt(lines, error.pos[0]);
  const [what] = error.message.split('\n');
  if (error.code !== 'TAG_RESOLVE_FAILED') return { path: [], message: `is not YAML: ${what}`, position };
  return {
    path: [],
    message: `uses a tag that is not read here (${what})`,
    hint: 'write the value without a tag',
    position,
  };
}

function secondDocument(document: Document, lines: LineCounter): YamlProblem {
  const offset = (document.contents as Node | null)?.range?.[0] ?? document.range?.[0] ?? 0;
  const hint = 'keep one, and remove the line ---';
  return { path: [], message: 'a second document begins here', hint, position: positionAt(lines, offset) };
}

type Unplaced = Omit<YamlProblem, 'position'>;

/** Problems of well-formed YAML that a spec gives no meaning. */
function contentProblems(document: Document, locate: Locate): YamlProblem[] {
  const problems: Unplaced[] = [];
  visit(document, {
    Map: (_, map, parents) => void problems.push(...keyProblems(map, pathOf(parents, map))),
    Alias: (_, alias, parents) => {
      const meant = alias.resolve(document);
      const at = { path: pathOf(parents, alias), unreadable: true, hint: 'write the value itself' } as const;
      if (!meant) problems.push({ ...at, message: `there is no anchor &${alias.source} before this` });
      else if (parents.includes(meant)) problems.push({ ...at, message: 'refers to its own parent' });
    },
  });
  return problems.map((one) => ({ ...one, position: locate(one.path, one.atKey) }));
}

function keyProblems(map: YAMLMap, path: Path): Unplaced[] {
  const seen = new Set<string>();
  return map.items.flatMap(({ key }): Unplaced[] => {
    if (key !== null && !isScalar(key)) {
      return [{ path, message: 'has a key that is not text', hint: 'write key: value', unreadable: true }];
    }
    const name = keyOf(key);
    const at: Pick<Problem, 'path' | 'atKey'> = { path: [...path, name], atKey: true };
    if (name === '<<') return [{ ...at, message: 'merge keys are not read', hint: 'write the keys out' }];
    if (name === '__proto__') return [{ ...at, message: 'is not a name that can be used', hint: 'choose another' }];
    const twice = seen.has(name);
    seen.add(name);
    return twice ? [{ ...at, message: 'is written twice', hint: 'keep one of them' }] : [];
  });
}

/** The path of a node, from its parents. */
function pathOf(parents: readonly unknown[], node: unknown): Path {
  return parents.flatMap((parent, index): Path => {
    if ((parent as Pair | undefined)?.key !== undefined && 'value' in (parent as Pair))
      return [keyOf((parent as Pair).key)];
    const items = (parent as { items?: unknown[] }).items;
    const at = items?.indexOf(parents[index + 1] ?? node) ?? -1;
    return at >= 0 && !isPair(items?.[at]) ? [at] : [];
  });
}

const isPair = (node: unknown): boolean =>
  typeof node === 'object' && node !== null && 'key' in node && 'value' in node;

/** A copy without shared parts, and without `__proto__`, which no schema would see. */
function plain(value: unknown, above: unknown[]): unknown {
  if (above.includes(value)) throw new Error('an alias refers to its own parent');
  if (Array.isArray(value)) return value.map((item) => plain(item, [...above, value]));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== '__proto__');
  return Object.fromEntries(entries.map(([key, item]) => [key, plain(item, [...above, value])]));
}
