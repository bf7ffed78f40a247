import { isIP } from 'node:net';
import type { Redis } from 'ioredis';
import { type Bounds, bounded } from './bounded';
import type { CheckKind } from './kind';
import { networkReason, tlsReason } from './network';
import { type ProbeResult, unhealthy } from './probe-result';

export const redis: CheckKind = {
  atAddress: {
    protocols: ['redis:', 'rediss:'],
    check: ({ url, address, timeout, signal }) => checkRedis({ url, address, timeout, signal }),
  },
};

export interface RedisCheck extends Bounds {
  /** `redis://user:password@host:port/database`, or `rediss` for TLS. */
  url: URL;
  /** Address to connect to instead of the host's own. */
  address?: string;
}

/**
 * Makes one connection and expects answers to AUTH, SELECT (if the address has them) and PING. Throws only the signal's
 * reason.
 */
export function checkRedis({ url, address, ...bounds }: RedisCheck): Promise<ProbeResult> {
  // The client may have to be loaded, so create it before the timeout begins.
  const redis = clientOf(url, address);
  return bounded(
    bounds,
    async (signal) => {
      // The client reports a failed connection by this event only; the command sees just its end.
      let failure: unknown;
      redis.on('error', (error) => {
        failure = error;
      });
      signal.addEventListener('abort', () => redis.disconnect(), { once: true });
      try {
        await redis.connect();
        return judge(await answers(redis, commandsOf(url)));
      } catch (error) {
        throw failure ?? error;
      } finally {
        redis.disconnect();
      }
    },
    reasonOf,
  );
}

/** Pure. */
export function commandsOf({ username, password, pathname }: URL): string[][] {
  const user = username === '' ? [] : [decodeURIComponent(username)];
  const database = pathname.replace(/^\//, '');
  return [
    ...(password === '' ? [] : [['AUTH', ...user, decodeURIComponent(password)]]),
    ...(database === '' ? [] : [['SELECT', database]]),
    ['PING'],
  ];
}

/** Creates a client that connects once, and sends only the check's own commands. */
function clientOf({ protocol, hostname, port }: URL, address?: string): Redis {
  // The first check loads the client, not the start of every command: loading takes 70 ms.
  const { Redis: Client } = require('ioredis') as typeof import('ioredis');
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Client({
    host: address ?? host,
    port: Number(port || 6379),
    tls: protocol === 'rediss:' ? { servername: isIP(host) ? undefined : host } : undefined,
    lazyConnect: true,
    // Every Redis knows version 2 of the protocol, which needs no greeting.
    protocol: 2,
    disableClientInfo: true,
    enableReadyCheck: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: null,
    connectTimeout: 0,
    disconnectTimeout: 0,
  });
}

async function answers(redis: Redis, commands: string[][]): Promise<unknown[]> {
  const all: unknown[] = [];
  for (const [name, ...args] of commands) all.push(await redis.call(name!, ...args));
  return all;
}

const other = 'answered something other than Redis';
const judge = (all: unknown[]): ProbeResult => (all.at(-1) === 'PONG' ? { healthy: true } : unhealthy(other));

function reasonOf(error: unknown): string {
  const { name, message, code } = error as Error & { code?: string };
  if (name === 'ReplyError') return refusal(message);
  if (message === 'Connection is closed.') return 'connection closed without an answer';
  return networkReason(error) ?? tlsReason({ code }) ?? (code === undefined ? other : 'the connection broke');
}

/** Only the first word of an error is safe to show; the rest may contain the user. */
function refusal(message: string): string {
  const [kind = 'with an error'] = /^[A-Z]+/.exec(message) ?? [];
  if (kind === 'LOADING') return 'it is still loading its data';
  return ['NOAUTH', 'WRONGPASS', 'NOPERM'].includes(kind)
    ? `it refuses the user or the password (${kind})`
    : `answered ${kind}`;
}
