import { type LookupFunction, Socket } from 'node:net';
import { addAbortSignal } from 'node:stream';
import { Client } from 'pg';
import { type Bounds, bounded } from './bounded';
import type { CheckKind } from './kind';
import { lookupTo, networkReason, tlsReason } from './network';
import type { ProbeResult } from './probe-result';

export const postgres: CheckKind = {
  atAddress: {
    protocols: ['postgres:', 'postgresql:'],
    check: ({ url, address, timeout, signal }) => checkPostgres({ url, lookup: lookupTo(address), timeout, signal }),
  },
};

export interface PostgresCheck extends Bounds {
  /** URL in libpq's syntax. */
  url: URL;
  lookup?: LookupFunction;
}

/**
 * Makes one connection and one query: a pooler accepts connections to databases that do not exist. Throws only the
 * signal's reason.
 */
export function checkPostgres({ url, lookup, ...bounds }: PostgresCheck): Promise<ProbeResult> {
  return bounded(
    bounds,
    async (signal) => {
      const [first, second] = addressesOf(url);
      try {
        return await query(first!, { signal, lookup });
      } catch (error) {
        if (!second || codeOf(error) !== 'refused') throw error;
        return await query(second, { signal, lookup });
      }
    },
    reasonOf,
  );
}

/**
 * Returns the addresses to try, with libpq's meaning of `sslmode`. If it allows both, TLS is tried second, when the
 * server demands it. Pure.
 */
export function addressesOf(url: URL): string[] {
  const mode = url.searchParams.get('sslmode');
  const modes = mode === null || ['allow', 'prefer'].includes(mode) ? ['disable', 'require'] : [mode];
  return modes.map((one) => {
    const copy = new URL(url);
    copy.searchParams.set('sslmode', one);
    copy.searchParams.set('uselibpqcompat', 'true');
    return copy.href;
  });
}

type Way = { signal: AbortSignal; lookup?: LookupFunction };

async function query(connectionString: string, { signal, lookup }: Way): Promise<ProbeResult> {
  const socket = addAbortSignal(signal, socketBy(lookup));
  const client = new Client({ connectionString, application_name: 'belay', stream: () => socket });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    client.end().catch(() => undefined);
    return { healthy: true };
  } finally {
    socket.destroySoon();
  }
}

/** The client connects by port and host alone. */
function socketBy(lookup?: LookupFunction): Socket {
  const socket = new Socket();
  if (!lookup) return socket;
  const connect = socket.connect.bind(socket);
  return Object.assign(socket, { connect: (port: number, host: string) => connect({ port, host, lookup }) });
}

const codeOf = (error: unknown): 'refused' | undefined =>
  (error as { code?: string }).code === '28000' ? 'refused' : undefined;

/** PostgreSQL's error codes; its own messages contain user and database. */
const words: Record<string, string> = {
  '28000': 'it refuses the user, or a connection without TLS',
  '28P01': 'it refuses the password',
  '3D000': 'it has no such database',
  '42501': 'it refuses the user this database',
  '53300': 'it has no connection left',
  '57P03': 'it is starting up, or shutting down',
};

function reasonOf(error: unknown): string {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  if (message.includes('does not support SSL')) return 'it does not support TLS';
  if (message.includes('password must be a string')) return 'it wants a password, and the address has none';
  const known = words[code] ?? networkReason(error) ?? tlsReason({ code });
  return (
    known ?? (/^[0-9A-Z]{5}$/.test(code) ? `it answered with error ${code}` : 'connection closed without an answer')
  );
}
