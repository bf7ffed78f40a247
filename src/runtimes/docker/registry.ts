import type Docker from 'dockerode';
import type { BelayError } from '../../errors';
import { type Credentials, credentialsFor } from './auth';
import { ask, refused, statusOf, wordsOf } from './errors';
import { parseImageRef } from './image-ref';

/** Longest time of a registry's answer about an image, in milliseconds. */
const patience = 20_000;

const denied = /denied|unauthorized|no basic auth|authentication required|forbidden|\b(HTTP|status:?) 40[13]\b/i;
const unknown = /manifest unknown|not found|does not exist|name unknown|no matching manifest/i;
const limited = /toomanyrequests|too many requests|rate limit|\b(HTTP|status:?) 429\b/i;
const silent =
  /dial tcp|connection refused|connection reset|no such host|i\/o timeout|timeout|tls:|x509|EOF|unexpected HTTP status|error parsing HTTP|server gave HTTP|without progress|no answer/i;

/** A registry's answer about an image. */
export interface RegistryAnswer {
  Descriptor: { digest: string; mediaType: string };
  Platforms?: Array<{ os: string; architecture: string; variant?: string }> | null;
}

/** The digest of an image in its registry. Throws as `registryAnswer`. */
export const registryDigest = async (docker: Docker, ref: string): Promise<string> =>
  (await registryAnswer(docker, ref)).Descriptor.digest;

/**
 * A registry's answer about an image. The engine asks, with its mirrors, its trust and this user's credentials. Throws
 * `image-unknown`, `registry-denied`, `registry-unreachable`.
 */
export async function registryAnswer(docker: Docker, ref: string): Promise<RegistryAnswer> {
  const { registry } = parseImageRef(ref);
  const credentials = await credentialsFor(registry);
  const late = () => new Error(`no answer within ${patience / 1000} s`);
  try {
    const request = () => docker.getImage(ref).distribution({ authconfig: credentials.auth });
    return await ask(request, { within: patience, late });
  } catch (error) {
    throw registryError(error, { ref, credentials, what: ref });
  }
}

interface RegistryRequest {
  ref: string;
  credentials: Credentials;
  /** The start of the sentence: `shop/api:1 is not on this host, and cannot be pulled`. */
  what: string;
}

/** True if the engine's error is about the registry, and not about itself. */
export const isOfRegistry = (error: unknown): boolean =>
  [denied, unknown, limited, silent].some((words) => words.test(wordsOf(error))) || statusOf(error) === 404;

/** The reason for a registry's refusal as a BelayError; a BelayError is returned unchanged. Pure. */
export function registryError(error: unknown, { ref, credentials, what }: RegistryRequest): BelayError {
  const registry = parseImageRef(ref).registry ?? 'docker.io';
  const words = wordsOf(error);
  const status = statusOf(error);
  const asked = `asked ${credentials.words}`;
  if (limited.test(words) || status === 429)
    return refused(
      'registry-unreachable',
      `${what}: ${registry} has had too many requests, ${asked}`,
      error,
      `wait, docker login ${registry} for a higher limit, or bring the image to this host under that name`,
    );
  if (denied.test(words) || status === 401 || status === 403)
    return refused(
      'registry-denied',
      `${what}: ${registry} refuses it, ${asked}`,
      error,
      `docker login ${registry} as the user that runs the worker, or correct the reference: a registry also refuses images that it does not have`,
    );
  if (unknown.test(words) || status === 404 || status === 400)
    return refused(
      'image-unknown',
      `${what}: ${registry} does not have it`,
      error,
      'push it, or correct the reference',
    );
  return refused(
    'registry-unreachable',
    `${what}: ${registry} does not answer`,
    error,
    `see that ${registry} is up and can be reached from this host, or name an image that is on it`,
  );
}
