import { delimiter } from 'node:path';
import type { ShellMarks } from '../spec/shell';
import type { Context } from './context';
import { findProject, readerOf, readSpec, type WhichPlatform } from './project';
import { runningServe } from './serve/state';

/**
 * Returns marks of the shell variables that the platform's files use; undefined without the files. With this host's key
 * the worker can compare them; elsewhere only their names travel.
 */
export async function shellOf(
  context: Context,
  options: WhichPlatform & { set?: Record<string, string> },
): Promise<ShellMarks | undefined> {
  const found = await folderOf(context, options);
  if (!found) return undefined;
  const { composeReads } = require('../spec/compose-reads') as typeof import('../spec/compose-reads');
  const { envFilesRead } = require('../spec/compose-files') as typeof import('../spec/compose-files');
  const { marksOf } = require('../spec/shell') as typeof import('../spec/shell');
  const { spec, texts } = readSpec(found.folder, { env: found.env, environment: context.env });
  const { compose = [], env_files } = spec;
  const envFiles = envFilesRead(env_files, context.env);
  const text = Object.values(texts).join('\n');
  const environment = { ...context.env, ...options.set };
  const reads = composeReads({ compose, envFiles, text, read: readerOf(found.folder), environment });
  const names = reads.variables.filter((name) => name !== 'PWD');
  return marksOf(names, { environment: context.env, mark: await markHere(context) });
}

/** Returns this folder for its own platform, else a folder that `belay serve` serves here. */
async function folderOf(context: Context, { platform, env, file }: WhichPlatform): Promise<Folder | undefined> {
  const folder = findProject(context, { file });
  if (platform === undefined) return folder === undefined ? undefined : { folder, env };
  const { findFolder } = require('../project/folders') as typeof import('../project/folders');
  const served = runningServe(context.env)?.specs.split(delimiter) ?? [];
  const places = [...(folder === undefined ? [] : [folder]), ...served];
  return await findFolder(places, { platform, env }).catch(() => undefined);
}

interface Folder {
  folder: string;
  env?: string;
}

async function markHere({ env }: Pick<Context, 'env'>) {
  const { belayHome } = require('../hosts/home') as typeof import('../hosts/home');
  const { existingKey } = require('../hosts/machine') as typeof import('../hosts/machine');
  const { shellMark } = require('../hosts/shell-mark') as typeof import('../hosts/shell-mark');
  const key = await existingKey(belayHome(env));
  return key && shellMark(key);
}
