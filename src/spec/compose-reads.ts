import { type Document, isMap, isScalar, isSeq, visit } from 'yaml';
import { documentsOf, followed, pairsOf, valuesAt } from './compose-documents';
import { referencesIn, referredTo } from './compose-references';
import { filledIn, namesIn, valuesIn } from './dotenv';
import { folderOf, inFolder } from './file-name';

/** Every input of Compose for a project, as far as files tell. */
export interface ComposeReads {
  /** Texts by name in the project folder; undefined for a missing file. */
  files: Record<string, string | undefined>;
  /** Names of variables that the files use, sorted. */
  variables: string[];
  /** Names of Compose's own variables that env files set, sorted. */
  set: string[];
  /** False if only Compose can read one of the files, or knows its name. */
  whole: boolean;
}

export interface ReadsOf {
  /** The Compose files, in their order. */
  compose: string[];
  envFiles: string[];
  /** The text of a spec that stands without Compose files. */
  text?: string;
  read(name: string): string | undefined;
  environment: Record<string, string | undefined>;
}

/** Follows `include`, `extends` and `env_file` through all files. Pure but for `read`. */
export function composeReads({ compose, envFiles, text, read, environment }: ReadsOf): ComposeReads {
  const files: ComposeReads['files'] = {};
  const variables = new Set<string>(text === undefined ? [] : variablesIn(text));
  let whole = true;
  const take = (name: string) => (files[name] ??= read(name));
  const dotenv = envFiles.map((name) => take(inFolder(name)) ?? '');
  const known = { ...valuesIn(dotenv, environment), ...environment };
  for (const name of dotenv.flatMap((one) => takenByValues(one))) variables.add(name);
  const place = folderOf(compose[0] ?? '');
  const path = (written: string): string => {
    const filled = filledIn(written, known);
    if (filled.includes('${') || /^(\w+:\/\/|git@|oci:)/.test(filled)) whole = false;
    return filled;
  };
  const queue = compose.map(inFolder);
  for (const from of queue) {
    const own = take(from);
    if (own === undefined) continue;
    const documents = documentsOf(own);
    if (documents.some(namesFolder)) whole = false;
    for (const name of variablesIn(own)) variables.add(name);
    for (const { file } of referencesIn(own)) {
      const name = referredTo(path(file), { from, compose });
      if (!queue.includes(name)) queue.push(name);
    }
    for (const written of documents.flatMap(valueFilesOf)) {
      const file = path(written);
      // The path's base folder depends on how Compose reached the file, so both candidates are read.
      for (const folder of new Set([place, folderOf(from)])) {
        const there = take(within(folder, file));
        for (const name of there === undefined ? [] : takenByValues(there, { bare: true })) variables.add(name);
      }
    }
    // An included project has an env file of its own.
    const beside = folderOf(from) === place ? undefined : take(within(folderOf(from), '.env'));
    for (const name of beside === undefined ? [] : takenByValues(beside)) variables.add(name);
  }
  return {
    files,
    whole,
    variables: [...variables].sort(),
    set: [...new Set(dotenv.flatMap((one) => namesIn(one)))].sort(),
  };
}

const within = (folder: string, file: string): string =>
  file.startsWith('/') ? inFolder(file) : inFolder([folder, file].filter(Boolean).join('/'));

/**
 * Names of the variables in a Compose file: `${NAME}` and `$NAME` in values, and sources of secrets and configs. Also
 * names without a value under `environment`. Pure.
 */
export function variablesIn(text: string): string[] {
  const documents = documentsOf(text);
  return documents.length > 0 ? [...new Set(documents.flatMap(variablesOf))] : interpolatedIn(text);
}

function variablesOf(document: Document): string[] {
  const names: string[] = [];
  visit(document, {
    Scalar: (_, { value }) => {
      if (typeof value === 'string') names.push(...interpolatedIn(value));
    },
  });
  const passed = valuesAt(document, ['environment']).flatMap((value) => passedThrough(document, value));
  return [...names, ...passed];
}

/** Names in `[NAME]` and `{ NAME: }`, and the variable of a secret. */
function passedThrough(document: Document, value: unknown): string[] {
  if (isMap(value)) return pairsOf(document, value).flatMap(({ key, value: own }) => (hasNone(own) ? nameOf(key) : []));
  if (isSeq(value)) return value.items.flatMap((item) => nameOf(followed(document, item)));
  return nameOf(value);
}

const hasNone = (value: unknown): boolean => value === null || (isScalar(value) && value.value === null);

const nameOf = (node: unknown): string[] =>
  isScalar(node) && typeof node.value === 'string' && /^[A-Za-z_]\w*$/.test(node.value) ? [node.value] : [];

const interpolatedIn = (text: string): string[] =>
  [...text.matchAll(/(?<!\$)(?:\$\$)*\$\{?([A-Za-z_]\w*)/g)].map(([, name]) => name!);

/** Names in the values of an env file; with `bare`, also names without a value. */
function takenByValues(text: string, options: { bare?: boolean } = {}): string[] {
  const open = text.replace(/^\s*#.*$/gm, '').replace(/=\s*'[^']*'/g, '=');
  const own = new Set(namesIn(text));
  const bare = options.bare ? namesIn(text, { bare: true }).filter((name) => !own.has(name)) : [];
  return [...interpolatedIn(open), ...bare];
}

/** True if an include has a folder of its own: Compose reads its files and its `.env` there. */
function namesFolder(document: Document): boolean {
  const list = document.get('include', true);
  return isSeq(list) && list.items.some((item) => isMap(item) && item.has('project_directory'));
}

/** Files that hold environment values or labels, as written. */
function valueFilesOf(document: Document): string[] {
  const written = (value: unknown): string[] => {
    const node = followed(document, value);
    if (isSeq(node)) return node.items.flatMap(written);
    if (isMap(node)) return written(node.get('path', true));
    return isScalar(node) && typeof node.value === 'string' ? [node.value] : [];
  };
  return valuesAt(document, ['env_file', 'label_file']).flatMap(written);
}
