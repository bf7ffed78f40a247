import { dirname, join, resolve } from 'node:path';
import { optionWays, specWays } from '../config/ways';
import { BelayError } from '../errors';
import type { AskedFile } from '../migration/open';
import type { ConfigFile } from '../spec/config';
import { ConfigFile as schema } from '../spec/config';
import { configEndings, configFormat } from '../spec/config-format';
import type { Common, Context } from './context';
import { needProject, readSpec, specFile } from './project';

export interface MigrateOptions extends Common {
  from?: string;
  was?: string;
  rename?: Record<string, string>;
  drop?: string[];
  unset?: ConfigFile['unset'];
  plan?: boolean;
  write?: boolean;
  exitCode?: boolean;
  json?: boolean;
  env?: string;
}

/** Returns the files that the options or the spec name. Throws `input-invalid` where neither does. */
export function askedFiles(context: Context, options: MigrateOptions): AskedFile[] {
  return options.from === undefined ? ofSpec(context, options) : [ofOptions(context, options, options.from)];
}

function ofOptions({ cwd }: Context, options: MigrateOptions, from: string): AskedFile {
  const { file, was, rename, drop, unset, env } = options;
  if (file === undefined) throw wrong('--from: names no file to migrate', 'write --file .env too');
  if (env !== undefined) throw wrong('--env: is for the files of a belay.yaml', 'leave it out, or leave out --from');
  if (!configFormat(file))
    throw wrong(`--file: ${file} has an unknown format`, `name a file that ends in ${configEndings}`);
  const path = resolve(cwd, file);
  const absolute = { from: resolve(cwd, from), ...(was !== undefined && { was: resolve(cwd, was) }) };
  const rules = schema.parse({ from: '-', rename, drop, unset });
  return { name: file, path, folder: dirname(path), rules: { ...rules, ...absolute }, ways: optionWays };
}

function ofSpec(context: Context, options: MigrateOptions): AskedFile[] {
  const needsFrom = (['was', 'rename', 'drop', 'unset'] as const).find((name) => options[name] !== undefined);
  if (needsFrom)
    throw wrong(`--${needsFrom}: belongs to --from`, `write it into ${specFile}, or name the example by --from`);
  const folder = needProject(context, options);
  const { spec } = readSpec(folder, { env: options.env, environment: context.env });
  const files = Object.entries(spec.config ?? {});
  if (files.length === 0)
    throw wrong(
      `${specFile} has no config`,
      'write config: { .env: { from: .env.example } } into it, or name the files: belay migrate --file .env --from .env.example',
    );
  return files.map(([name, rules]) => ({
    name,
    path: join(folder, name),
    folder,
    rules,
    ways: specWays,
    compose: spec.compose,
  }));
}

const wrong = (message: string, hint: string): BelayError => new BelayError('input-invalid', message, { hint });
