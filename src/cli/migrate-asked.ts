import { dirname, join, resolve } from 'node:path';
import { optionWays, specWays } from '../config/ways';
import { BelayError } from '../errors';
import { belayHome } from '../hosts/home';
import { createMasker } from '../hosts/secrets';
import type { AskedFile, ReadExample } from '../migration/open';
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
  version?: Record<string, string>;
  plan?: boolean;
  write?: boolean;
  exitCode?: boolean;
  json?: boolean;
  env?: string;
}

/** Reads examples in images that the engine of this shell has, or can pull. */
export function imagesHere(context: Context, options: MigrateOptions): ReadExample {
  return async (asked) => {
    const { runtimesOf } = require('../runtimes') as typeof import('../runtimes');
    const { dockerRuntime } = require('../runtimes/docker') as typeof import('../runtimes/docker');
    const { examplesOf } = require('../resolve/example') as typeof import('../resolve/example');
    const world = { engine: dockerRuntime(), home: belayHome(context.env), masker: createMasker() };
    const source = {
      folder: needProject(context, options),
      env: options.env,
      files: {},
      versions: options.version ?? {},
    };
    return await examplesOf({ runtimeOf: runtimesOf(world) }, source)(asked);
  };
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
