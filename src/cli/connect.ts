import { realpathSync } from 'node:fs';
import { delimiter } from 'node:path';
import type { Belay, Found } from '../client';
import { asBelayError, BelayError } from '../errors';
import type { Context } from './context';
import { findProject, platformOf, platformsAtHand, platformsOf, type WhichPlatform } from './project';
import { serving } from './serve/advice';
import { servedAt, useServed } from './serve/state';

/**
 * Opens a connection, acts, and closes it. The client takes a quarter of a second to load, so --help does not load it.
 */
export async function withBelay<T>({ env }: Pick<Context, 'env'>, act: (belay: Belay) => Promise<T>): Promise<T> {
  useServed(env);
  const { connectBelay } = require('../client') as typeof import('../client');
  const { connectClient } = require('../client/connect') as typeof import('../client/connect');
  const client = await connectClient(env);
  try {
    return await act(await connectBelay(client));
  } finally {
    await client.connection.close();
    const { tracing } = require('../client/tracing') as typeof import('../client/tracing');
    await tracing(env, 'belay')?.flush();
  }
}

/**
 * Adds the folder's own command to `platform-unknown`: a worker without the platform does not know its files, this
 * command may.
 */
export async function withFolderAdvice<T>(context: Context, options: WhichPlatform, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const { code, message } = asBelayError(error);
    const hint = code === 'platform-unknown' ? folderAdvice(context, options) : undefined;
    if (!hint) throw error;
    throw new BelayError(code, message, { hint, cause: error });
  }
}

/**
 * Returns the command that serves the platform's folder. Undefined if no folder is at hand, or it is served already.
 * Undefined too if the request went to another Temporal than this machine's `belay serve`.
 */
function folderAdvice(context: Context, options: WhichPlatform): string | undefined {
  const folder = findProject(context, options);
  const { connectOptions } = require('../client/connect') as typeof import('../client/connect');
  const served = servedAt(context.env, connectOptions(context.env).address);
  if (!folder || !served) return undefined;
  const { platform } = options;
  if (platform !== undefined && !platformsOf(folder).includes(platform)) return undefined;
  const specs = served.specs.split(delimiter);
  return specs.map(realPath).includes(realPath(folder)) ? undefined : serving({ specs, folder, served });
}

/** Returns the path past symbolic links; a broken link stays as it is. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/**
 * Returns the release of an id, else the platform's running one. Throws `input-invalid` if there is none, and
 * `platform-unknown` for an unknown platform.
 */
export async function findRelease(
  belay: Belay,
  { context, options, id, ended = false }: { context: Context; options: WhichPlatform; id?: string; ended?: boolean },
): Promise<Found> {
  if (id !== undefined) return { ...belay.get(id), unbegun: [] };
  const platform = platformOf(context, options);
  const found = await belay.find(platform, { ended });
  if (found) return found;
  if (!ended) await refuseEnded(belay, platform);
  refuseUnknown(platform, [...(await belay.platforms()), ...platformsAtHand(context, options)]);
  throw new BelayError('input-invalid', `${platform} has never been released`, { hint: '`belay release` starts one' });
}

/** Throws `input-invalid` with the end of the platform's latest release. */
async function refuseEnded(belay: Belay, platform: string): Promise<void> {
  const latest = await belay.find(platform, { ended: true });
  if (!latest) return;
  const end = await latest.ending();
  const { endingText } = require('../client/ending') as typeof import('../client/ending');
  const how = end ? endingText(end, Date.now()) : 'has ended';
  throw new BelayError('input-invalid', `no release of ${platform} is running: ${latest.workflowId} ${how}`, {
    hint: '`belay status` shows it, `belay release` starts another one',
  });
}

/** Throws `platform-unknown` with the most similar name. */
function refuseUnknown(platform: string, known: string[]): void {
  if (known.includes(platform)) return;
  const { namesHint } = require('../spec/sentences') as typeof import('../spec/sentences');
  const names = [...new Set(known)].sort();
  const hint = namesHint(platform, names, `known platforms: ${names.join(', ')}`);
  throw new BelayError('platform-unknown', `no release of ${platform} is known`, {
    hint: names.length > 0 ? hint : '`belay release` starts one',
  });
}
