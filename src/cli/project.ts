import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { BelayError } from '../errors';
import type { Spec } from '../spec/spec';
import type { Common, Context } from './context';

export const specFile = 'belay.yaml';

/** The folder named by --file, else the nearest one upwards that has a belay.yaml; undefined where there is none. */
export function findProject({ cwd }: Pick<Context, 'cwd'>, { file }: Common): string | undefined {
  if (file !== undefined) return named(resolve(cwd, file));
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    if (existsSync(join(folder, specFile))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

/** As `findProject`. Throws `input-invalid` where there is none. */
export function needProject(context: Pick<Context, 'cwd'>, options: Common): string {
  const folder = findProject(context, options);
  if (folder !== undefined && existsSync(join(folder, specFile))) return folder;
  const where = folder === undefined ? `here or in a folder above ${context.cwd}` : `in ${folder}`;
  throw new BelayError('input-invalid', `there is no ${specFile} ${where}`, {
    hint: '`belay init` writes one; -f names the folder of another',
  });
}

/** Where a worker looks up platforms, as BELAY_SPECS: --file, that variable, the project of this folder, else this folder. */
export function specFolders({ env, cwd }: Pick<Context, 'env' | 'cwd'>, options: Common): string {
  if (options.file !== undefined) return needProject({ cwd }, options);
  return env.BELAY_SPECS ?? findProject({ cwd }, options) ?? cwd;
}

/** The project's spec. Throws `spec-invalid` with every error, one a line. */
export function readSpec(folder: string): { spec: Spec; text: string } {
  const { parseSpec, formatSpecErrors } = lazily();
  const text = readFileSync(join(folder, specFile), 'utf8');
  const result = parseSpec({ text, file: specFile });
  if ('spec' in result) return { spec: result.spec, text };
  throw new BelayError('spec-invalid', formatSpecErrors(result.errors), {
    hint: `correct ${join(folder, specFile)}; nothing was started`,
  });
}

/** The platform's name alone, so that a spec that is being edited keeps nobody from talking to a release. */
export function platformOf(context: Pick<Context, 'cwd'>, options: Common & { platform?: string }): string {
  if (options.platform !== undefined) return options.platform;
  const folder = needProject(context, options);
  const name = /^platform:\s*(["']?)([a-z0-9-]+)\1\s*(?:#.*)?$/m.exec(
    readFileSync(join(folder, specFile), 'utf8'),
  )?.[2];
  if (name !== undefined) return name;
  throw new BelayError('spec-invalid', `${specFile}: names no platform`, {
    hint: 'write platform: <name> in it, or name the platform with -p',
  });
}

/** The files of this folder that a release can take in place of the host's: belay.yaml and the Compose file. */
export function filesOf(folder: string): Record<string, string> {
  const { spec, text } = readSpec(folder);
  if (spec.compose === undefined) return { [specFile]: text };
  try {
    return { [specFile]: text, [spec.compose]: readFileSync(join(folder, spec.compose), 'utf8') };
  } catch (cause) {
    throw new BelayError('compose-invalid', `${spec.compose}: cannot be read in ${folder}`, {
      hint: `correct compose in ${specFile}`,
      cause,
    });
  }
}

/** A path as people here would write it. */
export function shown(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short === '' ? '.' : short.startsWith('..') ? path : short;
}

function named(path: string): string {
  if (!existsSync(path))
    throw new BelayError('input-invalid', `--file: ${path} is not there`, {
      hint: 'name a folder, or the belay.yaml in it',
    });
  return statSync(path).isDirectory() ? path : dirname(path);
}

/** The parser takes a quarter of a second to load, which --help need not wait for. */
const lazily = () => require('../spec/parse') as typeof import('../spec/parse');
