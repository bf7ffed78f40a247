import { get, type IncomingMessage } from 'node:http';
import { get as getSecurely } from 'node:https';
import type { LookupFunction } from 'node:net';
import { announced } from './announced';
import { type Bounds, bounded } from './bounded';
import type { CheckKind } from './kind';
import { lookupTo, networkReason, tlsReason } from './network';
import { type ProbeResult, unhealthy } from './probe-result';

export const http: CheckKind = {
  atPort: ({ host, port, check, timeout, signal }) => {
    const { headers, status, json, proxied } = check;
    return checkHttp({ host, port, path: check.http!, headers, status, json, proxied, timeout, signal });
  },
  atAddress: {
    protocols: ['http:', 'https:'],
    check: ({ url, host, address, status = 200, timeout, signal }) => {
      const { username, password, pathname, search } = url;
      const secure = url.protocol === 'https:';
      const port = Number(url.port || (secure ? 443 : 80));
      const auth = username === '' ? undefined : `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
      const lookup = lookupTo(address);
      return checkHttp({ host, port, path: pathname + search, secure, auth, lookup, status, timeout, signal });
    },
  },
};

export interface HttpCheck extends Bounds {
  /** Absent for this machine. */
  host?: string;
  port: number;
  path: string;
  /** Use TLS, with a certificate that this machine trusts. */
  secure?: boolean;
  /** The port expects the PROXY protocol's line ahead of each connection. */
  proxied?: boolean;
  /** `user:password` */
  auth?: string;
  lookup?: LookupFunction;
  /** Headers to add to, or to replace, the usual ones. */
  headers?: Record<string, string>;
  /** Expected status. */
  status: number;
  /** Expected members of the JSON body; `queue.depth` is a member within another. */
  json?: Record<string, string | number | boolean | null>;
}

/** Longest body that is read, in bytes. */
const limit = 1024 * 1024;

/** Makes one GET on a connection of its own, and follows no redirect. Throws only the signal's reason. */
export function checkHttp(check: HttpCheck): Promise<ProbeResult> {
  return bounded(check, async (signal) => judge(await request(check, signal), check), reasonOf);
}

function request(
  { host = '127.0.0.1', port, path, secure, proxied, auth, lookup, headers }: HttpCheck,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const sent = { connection: 'close', 'user-agent': 'belay', ...lowerCase(headers) };
  const ask = secure ? getSecurely : get;
  return new Promise((resolve, reject) => {
    const by = proxied ? { createConnection: announced } : { agent: false };
    ask({ host, port, path, auth, lookup, headers: sent, signal, ...by }, resolve).on('error', reject);
  });
}

/** Header names are the same in upper and lower case. */
const lowerCase = (headers: Record<string, string> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

async function judge(response: IncomingMessage, { status, json }: HttpCheck): Promise<ProbeResult> {
  const wrong = response.statusCode !== status;
  if (wrong || !json) {
    // The head decides; the body may be long, or endless.
    response.on('error', () => undefined).destroy();
    return wrong ? unhealthy(`answered ${response.statusCode}, not ${status}`) : { healthy: true };
  }
  return matchJson(await read(response), json);
}

async function read(response: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) {
    body += chunk;
    if (body.length > limit) throw new Error('the body is longer than 1 MiB');
  }
  return body;
}

function matchJson(text: string, wanted: NonNullable<HttpCheck['json']>): ProbeResult {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return unhealthy('the body is not JSON');
  }
  const differs = Object.entries(wanted).find(([path, value]) => member(body, path) !== value);
  if (!differs) return { healthy: true };
  const [path, value] = differs;
  return unhealthy(`${path} is ${show(member(body, path))}, not ${JSON.stringify(value)}`);
}

/** A member whose own name has dots comes before a member within another. */
function member(body: unknown, path: string): unknown {
  if (typeof body !== 'object' || body === null) return undefined;
  if (Object.hasOwn(body, path)) return (body as Record<string, unknown>)[path];
  return path.split('.').reduce<unknown>((value, key) => {
    const inside = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
    return inside ? (value as Record<string, unknown>)[key] : undefined;
  }, body);
}

function show(value: unknown): string {
  if (value === undefined) return 'absent';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function reasonOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const known = networkReason(error) ?? tlsReason({ code });
  return known ?? (code.startsWith('HPE_') ? 'answered something other than HTTP' : message);
}
