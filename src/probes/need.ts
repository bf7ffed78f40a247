import type { NeedKind } from '../spec/checks';
import type { Bounds } from './bounded';
import { checkGrpc } from './grpc';
import { checkHttp } from './http';
import { lookupTo } from './network';
import { checkPostgres } from './postgres';
import { type ProbeResult, unhealthy } from './probe-result';
import { checkRedis } from './redis';
import { checkTcp } from './tcp';

/** Something outside of the release, as its address came out once values were put in place of variables. */
export interface NeedTarget {
  kind: NeedKind;
  /** An address of this kind: a URL, `host:port`, or for grpc also `host:port/service`. */
  text: string;
}

export interface NeedCheck extends NeedTarget, Bounds {
  /** Of http. */
  status?: number;
  /** In place of what the name of its host resolves to. */
  address?: string;
}

/** Whether it answers now. What it says has nothing of the address in it. Throws only the signal's reason. */
export async function checkNeed(need: NeedCheck): Promise<ProbeResult> {
  const url = urlOf(need);
  return url ? await checks[need.kind](url, need) : unhealthy(`is no address of ${need.kind}`);
}

/** The host that is asked; undefined where the text is no address. Pure. */
export const hostOf = (target: NeedTarget): string | undefined => {
  const url = urlOf(target);
  return url && plain(url.hostname);
};

type Check = (url: URL, need: NeedCheck) => Promise<ProbeResult>;

const checks: Record<NeedKind, Check> = {
  http: ({ protocol, hostname, port, pathname, search, username, password }, { status = 200, address, ...bounds }) => {
    const secure = protocol === 'https:';
    const auth = username === '' ? undefined : `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return checkHttp({
      host: plain(hostname),
      port: Number(port || (secure ? 443 : 80)),
      path: pathname + search,
      secure,
      auth,
      lookup: lookup(address),
      status,
      ...boundsOf(bounds),
    });
  },
  tcp: ({ hostname, port }, { address, ...bounds }) =>
    checkTcp({ host: address ?? plain(hostname), port: Number(port), ...boundsOf(bounds) }),
  postgres: (url, { address, ...bounds }) => checkPostgres({ url, lookup: lookup(address), ...boundsOf(bounds) }),
  redis: (url, { address, ...bounds }) => checkRedis({ url, address, ...boundsOf(bounds) }),
  grpc: ({ hostname, port, pathname }, { address, ...bounds }) =>
    checkGrpc({
      host: plain(hostname),
      port: Number(port),
      address,
      service: pathname.replace(/^\//, ''),
      ...boundsOf(bounds),
    }),
};

const protocols: Record<NeedKind, string[]> = {
  http: ['http:', 'https:'],
  tcp: ['tcp:'],
  postgres: ['postgres:', 'postgresql:'],
  redis: ['redis:', 'rediss:'],
  grpc: ['grpc:'],
};

function urlOf({ kind, text }: NeedTarget): URL | undefined {
  const isBare = kind === 'tcp' || kind === 'grpc';
  const whole = isBare ? `${kind}://${text}` : text;
  if (!URL.canParse(whole)) return undefined;
  const url = new URL(whole);
  const isWhole = protocols[kind].includes(url.protocol) && (!isBare || (url.hostname !== '' && url.port !== ''));
  return isWhole && isDecodable(url) ? url : undefined;
}

function isDecodable({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}

/** A URL has an IPv6 address in brackets. */
const plain = (hostname: string): string => hostname.replace(/^\[|\]$/g, '');
const lookup = (address: string | undefined) => (address === undefined ? undefined : lookupTo(address));
const boundsOf = ({ timeout, signal }: Bounds): Bounds => ({ timeout, signal });
