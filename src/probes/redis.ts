import { isIP } from 'node:net';
import type { Redis } from 'ioredis';
import { type Bounds, bounded } from './bounded';
import type { CheckKind } from './kind';
import { networkReason, tlsReason } from './network';
import { type ProbeResult, unhealthy } from './probe-result';

export const redis: CheckKind = {
  atAddress: {
    protocols: ['redis:', 'rediss:'],
    check: checkRedis,
  },
};

export interface RedisCheck extends Bounds {
  /** `redis://user:password@host:port/database`, or `rediss` for TLS. */
  url: URL;
  /** Address to connect to instead of the host's own. */
  address?: string;
  /** Its role; absent for a master, as far as the user may ask for it. */
  role?: 'master' | 'replica' | 'any';
}

/**
 * Makes one connection and expects answers to AUTH, SELECT (if the address has them), PING and ROLE. Throws only the
 * signal's reason.
 */
export function checkRedis({ url, address, role, ...bounds }: RedisCheck): Promise<ProbeResult> {
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
        const result = judge(await answers(redis, commandsOf(url)));
        return result.healthy && role !== 'any' ? await askRole(redis, role) : result;
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

/** Without a written role, no answer will do: proxies know no ROLE, and many users may not send it. */
async function askRole(redis: Redis, wanted?: 'master' | 'replica'): Promise<ProbeResult> {
  try {
    return judgeRole(await redis.call('ROLE'), wanted);
  } catch (error) {
    if (!wanted) return { healthy: true };
    if (!isForbidden(error)) throw error;
    return unhealthy('its user may not ask for its role (NOPERM): allow ROLE');
  }
}

function judgeRole(answer: unknown, wanted: 'master' | 'replica' = 'master'): ProbeResult {
  const [role, , , link] = Array.isArray(answer) ? answer : [];
  if (!['master', 'slave', 'sentinel'].includes(role)) return unhealthy(other);
  const found = role === 'slave' ? 'replica' : role;
  if (found !== wanted) return unhealthy(`it is a ${found}, not a ${wanted}`);
  if (found === 'replica' && link !== 'connected') return unhealthy('it is a replica without its master');
  return { healthy: true };
}

const isForbidden = (error: unknown): boolean => (error as Error).message.startsWith('NOPERM');

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
