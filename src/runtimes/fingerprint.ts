import { type BinaryLike, createHmac } from 'node:crypto';
import type { DesiredRoute, StopPolicy } from '../model/desired';

/** The number of the current fingerprint formula. A revision without a number has the first. */
export const currentFormula = 2;

/**
 * 64 hexadecimal digits over everything that the engine is told, and a mark of each part. HMAC-SHA256: labels and
 * histories show it, and only the host's key could test guesses of secrets.
 */
export function instructionsFingerprint(
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

/** The fingerprint of a restart, so that equal instances replace the running ones. */
export const againFingerprint = (of: string, release: string, key: BinaryLike): string =>
  hmac(key, JSON.stringify(['again', of, release]));

/** The fingerprint of a service with other variables than the files give it. */
export const overriddenFingerprint = (of: string, values: Record<string, string>, key: BinaryLike): string =>
  hmac(key, JSON.stringify(['overrides', of, sorted(values)]));

/** Sorted keys without empty members: the order of a file does not count. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, member]) => [name, canonical(member)]),
  );
}

/** The parts of the first formula. */
export interface FingerprintParts {
  /** The image's digest or id; the tag does not count. */
  digest: string;
  /** Compose's hash of the service's configuration. */
  configHash: string;
  /** The container's environment with values of env files; null removes a variable of the image. */
  environment: Record<string, string | null>;
  /** A digest of the mounted secrets, configs and other files; empty without any. */
  content?: string;
  /** Published container ports. */
  ports: number[];
  /** Routes count, because an instance belongs to the servers that point at it. */
  routes: DesiredRoute[];
  stop: StopPolicy;
}

/** The first formula: 64 hexadecimal digits that are equal exactly if all parts are; their order does not count. */
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

/** The fingerprint of a service that restarts with others: over its own and theirs. */
export const joinedFingerprint = (own: string, others: string[], key: BinaryLike): string =>
  hmac(key, JSON.stringify(['joined', own, [...others].sort()]));

/** A mark of each value, by name. Equal marks mean equal values, and reveal nothing else. */
export function environmentMarks(environment: Record<string, string | null>, key: BinaryLike): Record<string, string> {
  const mark = ([name, value]: Entry): [string, string] => [
    name,
    hmac(key, JSON.stringify(['environment', name, value])),
  ];
  return Object.fromEntries(sorted(environment).map(mark));
}

/** A keyed mark that replaces a foreign hash over values: without a key, guesses could be tested against it. */
export const markOf = (text: string, key: BinaryLike): string => hmac(key, JSON.stringify(['mark', text]));

type Entry = [name: string, value: string | null];

function sorted(record: Record<string, string | null>): Entry[] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

const hmac = (key: BinaryLike, text: string) => createHmac('sha256', key).update(text).digest('hex');
