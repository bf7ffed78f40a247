import { type Document, isMap, isScalar, isSeq, visit } from 'yaml';
import { documentsOf, followed, pairsOf, valuesAt } from './compose-documents';
import { referencesIn, referredTo } from './compose-references';
import { filledIn, namesIn, valuesIn } from './dotenv';
import { folderOf, inFolder } from './file-name';

/** Everything that Compose goes by when it reads a project, as far as files tell. */
export interface ComposeReads {
  /** Texts by their names in the project folder; undefined where nothing is there. */
  files: Record<string, string | undefined>;
  /** Names of variables that the files take in, sorted. */
  variables: string[];
  /** Names that env files set for Compose, sorted. */
  set: string[];
  /** False where a file is named that only Compose can read, or whose name only Compose can tell. */
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

/** Follows `include`, `extends` and `env_file`, wherever they lead. Pure but for `read`. */
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
      // Which of the two folders is meant depends on how the file was taken in: both are looked at.
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
 * Names of the variables that the text of a Compose file takes in: `${NAME}` and `$NAME` in values, names without a value
 * under `environment`, and variables that secrets and configs are made of. Pure.
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

/** `[NAME]`, `{ NAME: }`, and the one variable of a secret. */
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

/** Those that the values of an env file take in; with `bare`, names without a value too. */
function takenByValues(text: string, options: { bare?: boolean } = {}): string[] {
  const open = text.replace(/^\s*#.*$/gm, '').replace(/=\s*'[^']*'/g, '=');
  const own = new Set(namesIn(text));
  const bare = options.bare ? namesIn(text, { bare: true }).filter((name) => !own.has(name)) : [];
  return [...interpolatedIn(open), ...bare];
}

/** What is included with a folder of its own takes files, and its `.env`, from there. */
function namesFolder(document: Document): boolean {
  const list = document.get('include', true);
  return isSeq(list) && list.items.some((item) => isMap(item) && item.has('project_directory'));
}

/** Files that values and labels are taken from, as they are written. */
function valueFilesOf(document: Document): string[] {
  const written = (value: unknown): string[] => {
    const node = followed(document, value);
    if (isSeq(node)) return node.items.flatMap(written);
    if (isMap(node)) return written(node.get('path', true));
    return isScalar(node) && typeof node.value === 'string' ? [node.value] : [];
  };
  return valuesAt(document, ['env_file', 'label_file']).flatMap(written);
}
