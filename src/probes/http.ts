import { request as ask, type IncomingMessage } from 'node:http';
import { request as askSecurely } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { ToldVersion } from '../model/desired';
import { formatDuration } from '../spec/duration';
import { announced, announcedSecurely } from './announced';
import { type Bounds, bounded } from './bounded';
import type { AddressRequest, CheckKind, CheckRequest } from './kind';
import { lookupTo, networkReason, tlsReason } from './network';
import { type ProbeResult, unhealthy } from './probe-result';

export const http: CheckKind = {
  atPort: (request) => checkHttp({ ...requested(request), path: request.check.http! }),
  atAddress: {
    protocols: ['http:', 'https:'],
    check: ({ status = 200, request: { server_name: serverName, ...more } = {}, ...asked }) =>
      checkHttp({ ...placeIn(asked), status, ...more, serverName }),
  },
};

/** Returns where an address leads, and how long it may take. */
export function placeIn({ url, host, address, timeout, signal }: AddressRequest): Omit<HttpCheck, 'status'> {
  const { pathname, search } = url;
  const secure = url.protocol === 'https:';
  const port = Number(url.port || (secure ? 443 : 80));
  const at = { host, port, path: pathname + search, secure, auth: credentialsOf(url), lookup: lookupTo(address) };
  return { ...at, timeout, signal };
}

/** Returns `user:password` of an address, decoded; undefined without both. */
export const credentialsOf = ({ username, password }: URL): string | undefined =>
  username + password === '' ? undefined : `${decoded(username)}:${decoded(password)}`;

/** A password may have a percent sign of its own. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export const https: CheckKind = {
  atPort: (request) => {
    const { https: path, insecure, ca, server_name: serverName } = request.check;
    return checkHttp({ ...requested(request), path: path!, secure: true, insecure, ca, serverName });
  },
};

/** Returns the words that http and https share. */
function requested({ check, ...at }: CheckRequest): Omit<HttpCheck, 'path'> {
  const { method, body, headers, status, slowest, json, told, proxied } = check;
  return { ...at, method, body, headers, status, slowest, json, told, proxied };
}

export interface HttpCheck extends Bounds {
  /** Absent for this machine. */
  host?: string;
  port: number;
  path: string;
  /** Use TLS, with a certificate that this machine trusts. */
  secure?: boolean;
  /** Accept any certificate. */
  insecure?: true;
  /** The only authorities that count, as PEM; absent for those of Node.js. */
  ca?: string;
  /** Name in the certificate; absent for the host's. */
  serverName?: string;
  /** Absent for GET. */
  method?: string;
  body?: string;
  /** The port expects the PROXY protocol's line ahead of each connection. */
  proxied?: boolean;
  /** `user:password` */
  auth?: string;
  lookup?: LookupFunction;
  /** Headers to add to, or to replace, the usual ones. */
  headers?: Record<string, string>;
  /** Expected status, a class such as `2xx`, or a list of these. */
  status: Status | Status[];
  /** Longest milliseconds of a healthy answer. */
  slowest?: number;
  /** Expected members of the JSON body; `queue.depth` is a member within another, and `checks.0` is the first of a list. */
  json?: Record<string, string | number | boolean | null>;
  told?: ToldVersion;
}

type Status = number | string;

/** Longest body that is read, in bytes. */
const limit = 1024 * 1024;

/** Makes one request on a connection of its own, and follows no redirect. Throws only the signal's reason. */
export function checkHttp(check: HttpCheck): Promise<ProbeResult> {
  return bounded(
    check,
    async (signal) => {
      const began = performance.now();
      const result = await judge(await request(check, signal), check);
      return result.healthy ? inTime(Math.ceil(performance.now() - began), check) : result;
    },
    reasonOf,
  );
}

/** Makes one request whose whole body decides. Throws only the signal's reason. */
export function requestText(check: HttpCheck, decide: (body: string) => ProbeResult): Promise<ProbeResult> {
  return bounded(
    check,
    async (signal) => {
      const response = await request(check, signal);
      return wrongStatus(response, check) ?? decide(await read(response));
    },
    reasonOf,
  );
}

const inTime = (took: number, { slowest }: HttpCheck): ProbeResult =>
  slowest === undefined || took <= slowest
    ? { healthy: true }
    : unhealthy(`answered after ${formatDuration(took)}, and slowest is ${formatDuration(slowest)}`);

function request(check: HttpCheck, signal: AbortSignal): Promise<IncomingMessage> {
  const { host = '127.0.0.1', port, path, method, body, secure, proxied, auth, lookup, headers } = check;
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  const sent = { connection: 'close', 'user-agent': 'belay', ...length, ...lowerCase(headers) };
  const by = proxied ? { createConnection: secure ? announcedSecurely : announced } : { agent: false };
  const options = { host, port, path, method, auth, lookup, headers: sent, signal, ...by };
  return new Promise((resolve, reject) => {
    const made = secure ? askSecurely({ ...options, ...tlsOf(check) }, resolve) : ask(options, resolve);
    made.on('error', reject).end(body);
  });
}

/** The name in the certificate is that of the host header, as for any client; an address is no name. */
function tlsOf({ insecure, ca, serverName, headers }: HttpCheck): ConnectionOptions {
  const named = lowerCase(headers).host?.replace(/:\d+$/, '');
  const servername = serverName ?? (named === undefined || isIP(named) ? undefined : named);
  return { ...(servername && { servername }), ...(ca && { ca }), ...(insecure && { rejectUnauthorized: false }) };
}

/** Header names are the same in upper and lower case. */
const lowerCase = (headers: Record<string, string> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

async function judge(response: IncomingMessage, check: HttpCheck): Promise<ProbeResult> {
  const wrong = wrongStatus(response, check);
  if (wrong) return check.told && !isStatus(response.statusCode, '5xx') ? { ...wrong, silent: true } : wrong;
  if (check.told) return await matchVersion(response, check.told, check.path);
  if (check.json) return matchJson(await read(response), check.json);
  discard(response);
  return { healthy: true };
}

function wrongStatus(response: IncomingMessage, { status }: HttpCheck): ReturnType<typeof unhealthy> | undefined {
  const wanted = [status].flat();
  if (wanted.some((one) => isStatus(response.statusCode, one))) return undefined;
  discard(response);
  return unhealthy(`answered ${response.statusCode}, not ${wanted.join(' or ')}`);
}

/** The head decides; the body may be long, or endless. */
function discard(response: IncomingMessage): void {
  response.on('error', () => undefined).destroy();
}

const isStatus = (found = 0, wanted: Status): boolean =>
  typeof wanted === 'number' ? found === wanted : Math.floor(found / 100) === Number(wanted[0]);

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

/** Longest text that is shown as a version. */
const longestVersion = 80;

async function matchVersion(response: IncomingMessage, told: ToldVersion, path: string): Promise<ProbeResult> {
  const found = told.header === undefined ? jsonAt(await read(response), told.json!) : inHeader(response, told.header);
  if (found !== undefined && bare(String(found)) === bare(told.version)) return { healthy: true };
  const why = `tells version ${show(found)} at ${path}, and ${told.version} is released`;
  if (found === undefined) return { healthy: false, why, silent: true };
  return { healthy: false, why, told: String(found).slice(0, longestVersion) };
}

function inHeader(response: IncomingMessage, header: string): string | undefined {
  discard(response);
  return response.headers[header.toLowerCase()]?.toString();
}

function jsonAt(text: string, path: string): unknown {
  try {
    return member(JSON.parse(text), path);
  } catch {
    return undefined;
  }
}

/** Tags and programs write `v1.2.3` and `1.2.3` for the same. */
const bare = (version: string): string => version.trim().replace(/^v(?=\d)/, '');

/** A member whose own name has dots comes before a member within another. `checks[0]` is `checks.0`. */
function member(body: unknown, path: string): unknown {
  if (typeof body !== 'object' || body === null) return undefined;
  if (Object.hasOwn(body, path)) return (body as Record<string, unknown>)[path];
  return path
    .replace(/\[(\d+)\]/g, '.$1')
    .split('.')
    .reduce<unknown>((value, key) => {
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
