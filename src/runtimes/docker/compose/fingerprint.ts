import { type BinaryLike, createHmac } from 'node:crypto';
import type { DesiredRoute, StopPolicy } from '../../../model/desired';

/** The number of the formula by which fingerprints are made now. A revision that names none has the first. */
export const currentFormula = 2;

/**
 * 64 hexadecimal digits over everything that the engine is told, and by part a mark that tells which ones differ. HMAC-SHA256:
 * labels and histories show it, and without the host's key nobody can try out what the environment's secrets may be.
 */
export function toldFingerprint(
  told: Record<string, unknown>,
  key: BinaryLike,
): { fingerprint: string; parts: Record<string, string> } {
  const parts = Object.entries(told).map(([name, part]): [string, string] => [
    name,
    hmac(key, JSON.stringify(['part', name, canonical(part)])),
  ]);
  const short = parts.map(([name, mark]) => [name, mark.slice(0, 16)]);
  return { fingerprint: hmac(key, JSON.stringify(['told', parts])), parts: Object.fromEntries(short) };
}

/** Of the same version once more, so that what runs is replaced by what is alike. */
export const againFingerprint = (of: string, release: string, key: BinaryLike): string =>
  hmac(key, JSON.stringify(['again', of, release]));

/** Keys in order, and nothing that says nothing: the order of a file does not count. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, member]) => [name, canonical(member)]),
  );
}

/** What the first formula is over. */
export interface FingerprintParts {
  /** The image's digest or id; its tag says nothing. */
  digest: string;
  /** Compose's hash of the service's configuration. */
  configHash: string;
  /** As the container gets it, values of env files included; null: taken out of the image's. */
  environment: Record<string, string | null>;
  /** A digest of the secrets, configs and other files that it is given; empty where there are none. */
  content?: string;
  /** Container ports that are published. */
  ports: number[];
  /** An instance belongs to the servers that lead to it: other routes, another instance. */
  routes: DesiredRoute[];
  stop: StopPolicy;
}

/** The first formula: 64 hexadecimal digits that are equal exactly when all parts are; their order does not count. */
export function fingerprint(
  { digest, configHash, environment, content, ports, routes, stop }: FingerprintParts,
  key: BinaryLike,
): string {
  const parts = [
    digest,
    configHash,
    sorted(environment),
    [...new Set(ports)].sort((a, b) => a - b),
    routes.map(({ proxy, backend, port }) => [proxy, backend, port].join('/')).sort(),
    [stop.signal, stop.grace],
    ...(content ? [content] : []),
  ];
  return hmac(key, JSON.stringify(['fingerprint', ...parts]));
}

/** Of a service that is restarted with others: over its own and theirs. */
export const joinedFingerprint = (own: string, others: string[], key: BinaryLike): string =>
  hmac(key, JSON.stringify(['joined', own, [...others].sort()]));

/** A mark of each value, by name: equal marks mean equal values, and nothing else can be read from them. */
export function environmentMarks(environment: Record<string, string | null>, key: BinaryLike): Record<string, string> {
  const mark = ([name, value]: Entry): [string, string] => [
    name,
    hmac(key, JSON.stringify(['environment', name, value])),
  ];
  return Object.fromEntries(sorted(environment).map(mark));
}

/** In place of a hash that somebody else has made over values, without a key: it could be tried out. */
export const markOf = (text: string, key: BinaryLike): string => hmac(key, JSON.stringify(['mark', text]));

type Entry = [name: string, value: string | null];

function sorted(record: Record<string, string | null>): Entry[] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

const hmac = (key: BinaryLike, text: string) => createHmac('sha256', key).update(text).digest('hex');
