import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { asBelayError, BelayError } from '../errors';
import type { SpecRead } from '../spec/environment';
import type { Common, Context } from './context';

export const specFile = 'belay.yaml';

/** Returns the folder of --file, else the nearest parent with a belay.yaml; undefined if there is none. */
export function findProject({ cwd }: Pick<Context, 'cwd'>, { file }: Common): string | undefined {
  if (file !== undefined) return named(resolve(cwd, file));
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    if (existsSync(join(folder, specFile))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

/** Returns the folder as `findProject` does. Throws `input-invalid` if there is none. */
export function needProject(context: Place, options: Common): string {
  const folder = findProject(context, options);
  if (folder !== undefined && existsSync(join(folder, specFile))) return readable(folder);
  const where = folder === undefined ? `here or in a folder above ${context.cwd}` : `in ${folder}`;
  throw new BelayError('input-invalid', `there is no ${specFile} ${where}`, {
    hint: wayToPlatform(context, options) ?? '`belay init` writes one; -f names the folder of another',
  });
}

type Place = Pick<Context, 'cwd' | 'env'>;

/** BELAY_SPECS may name folders whose platforms can be named. */
function wayToPlatform(context: Place, { file }: Common): string | undefined {
  if (file !== undefined) return undefined;
  const names = platformsAtSpecs(context);
  return names.length > 0 ? `-p PLATFORM names one of ${context.env.BELAY_SPECS}: ${names.join(', ')}` : undefined;
}

function platformsAtSpecs({ env, cwd }: Place): string[] {
  if (!env.BELAY_SPECS) return [];
  const { platformsIn } = require('../project/folders') as typeof import('../project/folders');
  const folders = env.BELAY_SPECS.split(delimiter).map((folder) => resolve(cwd, folder));
  return [...new Set(platformsIn(folders).map(({ platform }) => platform))];
}

/** Returns the platforms of the chosen folder, and of those in BELAY_SPECS. */
export function platformsAtHand(context: Place, options: Common): string[] {
  const folder = findProject(context, options);
  return [...(folder === undefined ? [] : platformsOf(folder)), ...platformsAtSpecs(context)];
}

/** An unreadable file would look empty. */
function readable(folder: string): string {
  const path = join(folder, specFile);
  try {
    accessSync(path, constants.R_OK);
    return folder;
  } catch (cause) {
    throw new BelayError('input-invalid', `${path}: you may not read it`, {
      hint: 'run this as the user it belongs to, or let this user read it (chmod)',
      cause,
    });
  }
}

/**
 * Returns the worker's folders of platforms, as BELAY_SPECS: the given ones, --file, that variable, this folder's
 * project, else this folder.
 */
export function specFolders(
  { env, cwd }: Pick<Context, 'env' | 'cwd'>,
  options: Common,
  folders: string[] = [],
): string {
  if (folders.length > 0) return folders.map((folder) => named(resolve(cwd, folder), 'folder')).join(delimiter);
  if (options.file !== undefined) return needProject({ cwd, env }, options);
  if (env.BELAY_SPECS === undefined) return findProject({ cwd }, options) ?? cwd;
  // The worker that takes them over may run in another folder.
  return env.BELAY_SPECS.split(delimiter)
    .map((folder) => resolve(cwd, folder))
    .join(delimiter);
}

export interface WhichEnvironment extends Common {
  env?: string;
}

export interface WhichPlatform extends WhichEnvironment {
  platform?: string;
}

/** Adds options for the platform and its environment. */
export const withPlatform = (command: Command): Command =>
  withEnvironment(command.option('-p, --platform <name>', 'the platform (default: that of the belay.yaml)'));

export const withEnvironment = (command: Command): Command =>
  command.option('--env <name>', 'an environment of it, named in the belay.yaml');

/**
 * Returns the project's spec. Throws `spec-invalid` with every error, one per line, and `input-invalid` for an unknown
 * environment.
 */
export function readSpec(folder: string, { env, environment }: SpecPlace): SpecRead {
  const { readSpec: read } = lazily();
  try {
    return read({ read: readerOf(folder), env, environment });
  } catch (cause) {
    const { code, message, hint } = asBelayError(cause);
    throw new BelayError(code, message, {
      hint: hint?.replace(`correct ${specFile}`, `correct ${join(folder, specFile)}`),
    });
  }
}

export interface SpecPlace {
  /** Environment of the platform. */
  env?: string;
  /** Variables of the shell. */
  environment: NodeJS.ProcessEnv;
}

/** Returns the platform's name alone: a half-edited spec must not block messages to a release. */
export function platformOf(context: Place, options: WhichPlatform): string {
  const platform = basePlatform(context, options);
  if (options.env === undefined) return platform;
  const folder = findProject(context, options);
  const { platformsIn, environmentPlatform } = lazily();
  const there = folder === undefined ? [] : platformsIn(readerOf(folder));
  const isHere = there.some((one) => one.env === undefined && one.platform === platform);
  const own = isHere ? there.find((one) => one.env === options.env) : undefined;
  return own?.platform ?? environmentPlatform(platform, options.env);
}

/** Returns the name as `platformOf` does, without the environment. */
export function basePlatform(context: Place, options: WhichPlatform): string {
  if (options.platform !== undefined) return options.platform;
  const folder = needProject(context, options);
  const name = /^platform:\s*(["']?)([a-z0-9-]+)\1\s*(?:#.*)?$/m.exec(
    readFileSync(join(folder, specFile), 'utf8'),
  )?.[2];
  // Most specs write it this way; any other YAML is read whole.
  const platform =
    name ??
    lazily()
      .platformsIn(readerOf(folder))
      .find(({ env }) => env === undefined)?.platform;
  if (platform !== undefined) return platform;
  throw new BelayError('spec-invalid', `${specFile}: names no platform`, {
    hint: 'write platform: <name> in it, or name the platform with -p',
  });
}

/** Returns the platform of a folder, and those of its environments; none if its spec names none. */
export const platformsOf = (folder: string): string[] =>
  lazily()
    .platformsIn(readerOf(folder))
    .map(({ platform }) => platform);

/** Returns the files that a release can take instead of the host's: spec, Compose files and their includes. */
export function filesOf(folder: string, place: SpecPlace): Record<string, string> {
  const { spec, texts, refuse } = readSpec(folder, place);
  const read = readerOf(folder);
  const { compose = [] } = spec;
  const missing = compose.findIndex((name) => read(name) === undefined);
  if (missing >= 0)
    throw refuse(
      compose.length > 1 ? ['compose', missing] : ['compose'],
      `${compose[missing]} is not there`,
      `correct ${specFile}`,
    );
  const examples = Object.values(spec.config ?? {}).flatMap(({ from }) => {
    const text = read(from);
    return text === undefined ? [] : [[from, text] as const];
  });
  return { ...texts, ...lazily().takenIn(compose, read), ...Object.fromEntries(examples) };
}

/** Reads texts of a folder's files by their names; undefined for a missing file. */
export const readerOf =
  (folder: string) =>
  (name: string): string | undefined => {
    try {
      return readFileSync(resolve(folder, name), 'utf8');
    } catch {
      return undefined;
    }
  };

function named(path: string, what = '--file'): string {
  if (!existsSync(path))
    throw new BelayError('input-invalid', `${what}: ${path} is not there`, {
      hint: 'name a folder, or the belay.yaml in it',
    });
  return statSync(path).isDirectory() ? path : dirname(path);
}

/** The parser takes a quarter of a second to load, so --help does not load it. */
const lazily = () => require('../spec/environment') as typeof import('../spec/environment');

export { shown } from '../project/files';
