import { addAbortSignal, type Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { BelayError } from '../../errors';
import { type Credentials, credentialsFor } from './auth';
import { ask, refused } from './errors';
import { parseImageRef } from './image-ref';
import { isOfRegistry, registryError } from './registry';

/** Longest pause without progress in a pull, in milliseconds. */
const idle = 120_000;
/**
 * Pulls `repository@digest` and reads the engine's progress to its end. Throws `image-unknown`, `registry-denied`,
 * `registry-unreachable`, `disk-full`, and the signal's reason on an abort.
 */
export async function pull(
  docker: Docker,
  { source, ref, platform, signal }: { source: string; ref: string; platform?: string; signal?: AbortSignal },
): Promise<void> {
  const credentials = await credentialsFor(parseImageRef(ref).registry);
  const what = `${ref} (${source.split('@')[1]!.slice(0, 19)}) is not on this host, and cannot be pulled`;
  const late = () => new Error(`no answer within ${idle / 1000} s`);
  try {
    // `fromImage` contains the digest, because the client's own `pull` would split it.
    const from = { fromImage: source, ...(platform && { platform }) };
    const options = { ...from, authconfig: credentials.auth, abortSignal: signal };
    const progress = (await ask(() => docker.createImage(options), { within: idle, late })) as Readable;
    await ask(() => consume(progress, signal), { within: 2 ** 31 - 1 });
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw explain(error, { ref, credentials, what });
  }
}

async function consume(progress: Readable, signal?: AbortSignal): Promise<void> {
  if (signal) addAbortSignal(signal, progress);
  const giveUp = setTimeout(() => progress.destroy(new Error(`${idle / 1000} s without progress`)), idle);
  try {
    let rest = '';
    for await (const chunk of progress.setEncoding('utf8')) {
      giveUp.refresh();
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      lines.forEach(throwIfError);
    }
    throwIfError(rest);
  } finally {
    clearTimeout(giveUp);
  }
}

function throwIfError(line: string): void {
  if (!line.trim()) return;
  const { error } = JSON.parse(line) as { error?: string };
  if (error) throw new Error(error);
}

function explain(error: unknown, asked: { ref: string; credentials: Credentials; what: string }): BelayError {
  return isOfRegistry(error) ? registryError(error, asked) : refused('unexpected', asked.what, error);
}
