import { isMap, isScalar, isSeq, parseDocument, visit } from 'yaml';
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
    const document = documentOf(own);
    if (namesFolder(document)) whole = false;
    for (const name of variablesOf(document, own)) variables.add(name);
    for (const { file } of referencesIn(own)) {
      const name = referredTo(path(file), { from, compose });
      if (!queue.includes(name)) queue.push(name);
    }
    for (const written of valueFilesOf(document)) {
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
export const variablesIn = (text: string): string[] => variablesOf(documentOf(text), text);

const documentOf = (text: string) => parseDocument(text, { logLevel: 'silent', prettyErrors: false, merge: true });
type Parsed = ReturnType<typeof documentOf>;

function variablesOf(document: Parsed, text: string): string[] {
  if (document.errors.length > 0) return interpolatedIn(text);
  const names = new Set<string>();
  visit(document, {
    Scalar: (_, { value }) => {
      if (typeof value === 'string') for (const name of interpolatedIn(value)) names.add(name);
    },
    Pair: (_, { key, value }) => {
      if (isScalar(key) && key.value === 'environment') for (const name of passedThrough(value)) names.add(name);
    },
  });
  return [...names];
}

/** `[NAME]`, `{ NAME: }`, and the one variable of a secret. */
function passedThrough(value: unknown): string[] {
  const isName = (text: unknown): text is string => typeof text === 'string' && /^[A-Za-z_]\w*$/.test(text);
  if (isScalar(value)) return isName(value.value) ? [value.value] : [];
  if (isSeq(value)) return value.items.flatMap((item) => (isScalar(item) && isName(item.value) ? [item.value] : []));
  if (!isMap(value)) return [];
  return value.items.flatMap(({ key, value: own }) =>
    isScalar(key) && isName(key.value) && (own === null || (isScalar(own) && own.value === null)) ? [key.value] : [],
  );
}

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
function namesFolder(document: Parsed): boolean {
  const list = document.get('include', true);
  return isSeq(list) && list.items.some((item) => isMap(item) && item.has('project_directory'));
}

/** Files that values and labels are taken from, as they are written. */
function valueFilesOf(document: Parsed): string[] {
  const found: string[] = [];
  const add = (value: unknown) => {
    if (isScalar(value) && typeof value.value === 'string') found.push(value.value);
    if (isSeq(value)) for (const item of value.items) add(item);
    if (isMap(value)) add(value.get('path', true));
  };
  visit(document, {
    Pair: (_, { key, value }) => {
      if (isScalar(key) && (key.value === 'env_file' || key.value === 'label_file')) add(value);
    },
  });
  return found;
}
