import { valuesIn } from './dotenv';
import { folderOf, inFolder } from './file-name';

/** In the order in which Compose itself looks for them. */
export const baseNames = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
const overrideNames = [
  'compose.override.yml',
  'compose.override.yaml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
];
/** What Compose looks for by itself. */
export const standardNames = [...baseNames, ...overrideNames];

/** A project folder as `docker compose` finds it. */
export interface ComposeFolder {
  /** The text of a file of the folder; undefined where it is not there. */
  read(name: string): string | undefined;
  /** Of the shell: it comes before the env files. */
  environment: Record<string, string | undefined>;
  /** In place of `.env`, in their order. */
  envFiles?: string[];
}

/** The files that `docker compose` reads in a folder where no option names any. */
export interface FoundFiles {
  files: string[];
  /** The env files that it then takes values from, where that is not `.env` alone. */
  envFiles?: string[];
  /** Who names them: the shell, an env file, or nobody. */
  by?: string;
}

/**
 * As Compose finds them: those that COMPOSE_FILE names, in the shell or else in `.env`, else the first of the four names and
 * the first of their overrides. Undefined where there are none. Pure but for `read`.
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

/** Compose takes the `.env` that has named a file in another folder, and before it the one of that folder. */
function withOwn(file: string, names: string[], read: ComposeFolder['read']): Pick<FoundFiles, 'envFiles'> {
  const beside = folderOf(file);
  if (beside === '') return {};
  const own = `${file.startsWith('/') ? '/' : ''}${beside.replace(/^\//, '')}/.env`;
  return { envFiles: [...(read(own) === undefined ? [] : [own]), ...names] };
}

/** The files that Compose takes values from, later ones before earlier ones: those that are asked for, else the shell's, else `.env`. */
export function envFilesRead(
  asked: string[] | undefined,
  { COMPOSE_ENV_FILES }: ComposeFolder['environment'],
): string[] {
  if (asked) return asked;
  return COMPOSE_ENV_FILES ? COMPOSE_ENV_FILES.split(',') : ['.env'];
}
