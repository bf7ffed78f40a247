import { valuesIn } from './dotenv';
import { folderOf, inFolder } from './file-name';

/** Base files, in Compose's order of search. */
export const baseNames = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
const overrideNames = [
  'compose.override.yml',
  'compose.override.yaml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
];
/** File names that Compose looks for without options. */
export const standardNames = [...baseNames, ...overrideNames];

/** A project folder as `docker compose` sees it. */
export interface ComposeFolder {
  /** The text of a file of the folder; undefined if it is missing. */
  read(name: string): string | undefined;
  /** Environment of the shell, which wins over env files. */
  environment: Record<string, string | undefined>;
  /** Env files that replace `.env`, in their order. */
  envFiles?: string[];
}

/** The files that `docker compose` reads in a folder without options. */
export interface FoundFiles {
  files: string[];
  /** The env files for their variables, if not `.env` alone. */
  envFiles?: string[];
  /** The source of the names, the shell or an env file; absent if Compose searched. */
  by?: string;
}

/**
 * Compose's own search. COMPOSE_FILE in the shell or in `.env` names the files. Else they are the first base file and
 * its first override. Undefined if there are none. Pure but for `read`.
 */
export function foundFiles(folder: ComposeFolder): FoundFiles | undefined {
  return namedFiles(folder) ?? standardFiles(folder);
}

function standardFiles({ read }: Pick<ComposeFolder, 'read'>): FoundFiles | undefined {
  const first = (names: string[]) => names.find((name) => read(name) !== undefined);
  const base = first(baseNames);
  const override = first(overrideNames);
  return base === undefined ? undefined : { files: override === undefined ? [base] : [base, override] };
}

function namedFiles({ read, environment, envFiles }: ComposeFolder): FoundFiles | undefined {
  const names = envFilesRead(envFiles, environment);
  const values = valuesIn(
    names.map((name) => read(name) ?? ''),
    environment,
  );
  const written = environment.COMPOSE_FILE ?? values.COMPOSE_FILE;
  if (!written) return undefined;
  const separator = environment.COMPOSE_PATH_SEPARATOR || values.COMPOSE_PATH_SEPARATOR || ':';
  const files = written.split(separator).map((name) => (name.startsWith('/') ? name : inFolder(name)));
  const by = environment.COMPOSE_FILE ? 'this shell' : names.join(', ');
  return { files, by, ...(environment.COMPOSE_FILE || envFiles ? {} : withOwn(files[0]!, names, read)) };
}

/** Compose reads the `.env` that has named a file in another folder, and that folder's `.env` before it. */
function withOwn(file: string, names: string[], read: ComposeFolder['read']): Pick<FoundFiles, 'envFiles'> {
  const beside = folderOf(file);
  if (beside === '') return {};
  const own = `${file.startsWith('/') ? '/' : ''}${beside.replace(/^\//, '')}/.env`;
  return { envFiles: [...(read(own) === undefined ? [] : [own]), ...names] };
}

/**
 * The env files that Compose reads, where later files override earlier ones: the requested ones, else the shell's, else
 * `.env`.
 */
export function envFilesRead(
  asked: string[] | undefined,
  { COMPOSE_ENV_FILES }: ComposeFolder['environment'],
): string[] {
  if (asked) return asked;
  return COMPOSE_ENV_FILES ? COMPOSE_ENV_FILES.split(',') : ['.env'];
}
