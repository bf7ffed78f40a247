import { addAbortSignal, type Readable } from 'node:stream';
import type Docker from 'dockerode';
import { BelayError } from '../errors';
import { registryAuth } from './docker-auth';
import { ask, refused, statusOf, wordsOf } from './docker-errors';
import { parseImageRef } from './image-ref';

/** Milliseconds without any progress after which a pull is given up. */
const idle = 120_000;
const unknown = /manifest unknown|not found|no matching manifest|denied|unauthorized|no basic auth/i;
const silent =
  /dial tcp|connection refused|connection reset|no such host|i\/o timeout|timeout|tls:|x509|EOF|unexpected HTTP status|server gave HTTP|without progress/i;

/**
 * Pulls `repository@digest`, which is not on the host, and reads the engine's progress to its end. Throws `image-unknown`, `registry-unreachable`,
 * and the signal's reason when it is aborted.
 */
export async function pull(
  docker: Docker,
  { source, ref, signal }: { source: string; ref: string; signal?: AbortSignal },
): Promise<void> {
  const authconfig = await registryAuth(parseImageRef(ref).registry);
  const what = `${ref} (${source.split('@')[1]!.slice(0, 19)}) is not on this host, and cannot be pulled`;
  const late = () => new BelayError('registry-unreachable', `${what}: no answer from its registry`);
  try {
    // `fromImage` with the digest in it: the client's own `pull` would split it.
    const options = { fromImage: source, authconfig, abortSignal: signal };
    const progress = (await ask(() => docker.createImage(options), { within: idle, late })) as Readable;
    await ask(() => consume(progress, signal), { within: 2 ** 31 - 1 });
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw explain(error, what);
  }
}

async function consume(progress: Readable, signal?: AbortSignal): Promise<void> {
  if (signal) addAbortSignal(signal, progress);
  const giveUp = setTimeout(() => progress.destroy(new Error(`${idle} ms without progress`)), idle);
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

function explain(error: unknown, what: string): BelayError {
  if (unknown.test(wordsOf(error)) || statusOf(error) === 404) {
    return refused('image-unknown', what, error, 'see that the registry has it, and docker login');
  }
  const code = silent.test(wordsOf(error)) ? 'registry-unreachable' : 'unexpected';
  return refused(code, what, error);
}
