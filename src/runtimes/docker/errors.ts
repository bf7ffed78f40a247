import { BelayError, diskFull, type ErrorCode, isDiskFull } from '../../errors';

const offline = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EACCES',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
const shuttingDown = /cannot connect to the docker daemon|daemon is shutting down/i;

/** Longest wait for the engine's answer, in milliseconds. */
export const patience = 60_000;

/**
 * The answer to one request to the engine, bounded in time. Without an answer, throws BelayError `engine-unreachable`,
 * or `late` if another party causes the wait. A refusal is thrown as the client throws it: see `statusOf`, `wordsOf`.
 */
export async function ask<T>(
  request: () => Promise<T>,
  { within = patience, late }: { within?: number; late?: () => Error } = {},
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late?.() ?? unreachable(`no answer within ${within} ms`)), within);
  });
  try {
    // The client never settles if the connection breaks within an answer, so a deadline is needed.
    return await Promise.race([request(), deadline]);
  } catch (error) {
    throw isOffline(error) ? unreachable(wordsOf(error), error) : error;
  } finally {
    clearTimeout(timer);
  }
}

/** As `ask`, but undefined for a missing instance or image. */
export async function askFor<T>(request: () => Promise<T>): Promise<T | undefined> {
  return ask(request).catch((error) => {
    if (statusOf(error) === 404) return undefined;
    throw error;
  });
}

/** The HTTP status of the engine's refusal. */
export function statusOf(error: unknown): number | undefined {
  const status = (error as { statusCode?: unknown } | undefined)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}

/** The engine's own words, without the client's prefix. */
export function wordsOf(error: unknown): string {
  const said = (error as { json?: { message?: unknown } } | undefined)?.json?.message;
  if (typeof said === 'string') return said.trim();
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^\(HTTP code \d+\) [^-]*- /, '').trim();
}

/** The engine's refusal as a BelayError of this code, or of `disk-full`; a BelayError is returned unchanged. */
export function refused(code: ErrorCode, what: string, error: unknown, hint?: string): BelayError {
  if (error instanceof BelayError) return error;
  if (isDiskFull(error)) return diskFull(`${what}: ${wordsOf(error)}`, error);
  return new BelayError(code, `${what}: ${wordsOf(error)}`, { hint, cause: error });
}

function unreachable(why: string, cause?: unknown): BelayError {
  return new BelayError('engine-unreachable', `the Docker Engine does not answer: ${why}`, {
    hint: 'start it, or see that this user may use its socket: docker version',
    cause,
  });
}

function isOffline(error: unknown): boolean {
  if (error instanceof BelayError) return false;
  const status = statusOf(error);
  if (status !== undefined) return [502, 503, 504].includes(status) || shuttingDown.test(wordsOf(error));
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && offline.has(code);
}
