import { BelayError } from '../errors';
import { didYouMean } from './sentences';

/** Variables that Compose itself reads. */
export const composeNames = [
  'COMPOSE_FILE',
  'COMPOSE_PATH_SEPARATOR',
  'COMPOSE_PROFILES',
  'COMPOSE_PROJECT_NAME',
  'COMPOSE_ENV_FILES',
  'COMPOSE_DISABLE_ENV_FILE',
];

/** Variables of every login: they tell nothing about a user's intent. */
export const ambient = ['HOME', 'USER', 'LOGNAME', 'PATH', 'SHELL', 'LANG', 'TERM', 'TMPDIR', 'HOSTNAME', 'UID'];

/**
 * Marks of the shell's variables that a project uses, made with the key of a host. A mark is an empty text without a
 * key, and null for an unset variable.
 */
export interface ShellMarks {
  /** A mark that identifies the key. */
  key?: string;
  variables: Record<string, string | null>;
}

/** Makes a mark of a variable's value. */
export type Mark = (name: string, value: string) => string;

interface Compared {
  shell: ShellMarks;
  /** Environment of the worker. */
  own: Record<string, string | undefined>;
  mark: Mark;
  /** Names that the files use, without those that the release sets. */
  names: string[];
}

/** One line for each variable that differs between the shell and the worker. Pure. */
export function shellDifferences({ shell, own, mark, names }: Compared): string[] {
  const isComparable = shell.key === keyMark(mark);
  const looked = [...new Set([...names, ...composeNames])].filter(
    (name) => name in shell.variables || composeNames.includes(name),
  );
  return looked.flatMap((name) => {
    const there = shell.variables[name] ?? undefined;
    const here = own[name];
    if (!isComparable)
      return there === undefined || ambient.includes(name)
        ? []
        : [`${name} is set in this shell, but a release uses the value of the worker`];
    if (there === (here === undefined ? undefined : mark(name, here))) return [];
    if (there === undefined) return [`${name} is set for the worker, but not in this shell`];
    if (here === undefined) return [`${name} is set in this shell, but not for the worker`];
    return [`${name} has another value in this shell than for the worker`];
  });
}

/** The marks of a shell. Without a key they show only which variables are set; undefined if none is. Pure. */
export function marksOf(
  names: string[],
  { environment, mark }: { environment: Record<string, string | undefined>; mark?: Mark },
): ShellMarks | undefined {
  const set = (name: string): string | null => {
    const value = environment[name];
    return value === undefined ? null : (mark?.(name, value) ?? '');
  };
  const own = composeNames.filter((name) => environment[name] !== undefined);
  const all = [...new Set([...names, ...own])].sort().map((name): [string, string | null] => [name, set(name)]);
  if (mark) return { key: keyMark(mark), variables: Object.fromEntries(all) };
  const there = all.filter(([, one]) => one !== null);
  return there.length > 0 ? { variables: Object.fromEntries(there) } : undefined;
}

const keyMark = (mark: Mark): string => mark('', '');

const secretName =
  /(^|_)(PASS|PWD|KEY|KEYS|AUTH|DSN|COOKIE|SALT|PRIVATE|CERT|CREDENTIALS?)(_|$)|PASSW|PASSPHRASE|SECRET|TOKEN|APIKEY/i;

/** True for the name of a variable whose value is most likely a secret. */
export const isSecretName = (name: string): boolean => secretName.test(name);

/** Throws `input-invalid` for a variable that cannot be set for one release: a secret would stay in its history. */
export function refuseUnfit(set: Record<string, string>): void {
  for (const [name, value] of Object.entries(set)) {
    if (!/^[A-Za-z_]\w*$/.test(name)) throw unfit(name, 'is not a variable name', 'write NAME=value, such as TAG=2');
    if (/^(COMPOSE_|DOCKER_)|^PWD$/.test(name))
      throw unfit(name, 'decides which files Compose reads', 'write it into .env on the host');
    if (isSecretName(name) || /:\/\/[^/@\s]*:[^/@\s]+@/.test(value))
      throw unfit(
        name,
        'looks like a secret, and a release keeps its input in the history',
        'write it into .env on the host, which is never sent',
      );
  }
}

/** Throws `input-invalid` for a variable that no file uses. */
export function refuseUnused(set: Record<string, string>, names: string[]): void {
  const unused = Object.keys(set).find((name) => !names.includes(name));
  if (unused === undefined) return;
  const lower = didYouMean(
    unused,
    names.map((name) => name.toLowerCase()),
  );
  const meant = names.find((name) => name.toLowerCase() === lower);
  throw unfit(
    unused,
    `no Compose file uses it${meant ? `, did you mean ${meant}?` : ''}`,
    names.length > 0 ? `they use ${names.join(', ')}` : 'write it where the value belongs',
  );
}

const unfit = (name: string, message: string, hint: string): BelayError =>
  new BelayError('input-invalid', `set: ${name}: ${message}`, { hint });
