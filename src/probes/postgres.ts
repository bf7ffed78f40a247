import { type LookupFunction, Socket } from 'node:net';
import { addAbortSignal } from 'node:stream';
import { Client, type QueryArrayConfig } from 'pg';
import { type Bounds, bounded } from './bounded';
import type { CheckKind } from './kind';
import { lookupTo, networkReason, tlsReason } from './network';
import { type ProbeResult, unhealthy } from './probe-result';
import { judgeAnswer } from './query-answer';

export const postgres: CheckKind = {
  atAddress: {
    protocols: ['postgres:', 'postgresql:'],
    check: ({ address, ...request }) => checkPostgres({ ...request, lookup: lookupTo(address) }),
  },
};

export interface PostgresCheck extends Bounds {
  /** URL in libpq's syntax. */
  url: URL;
  lookup?: LookupFunction;
  /** A server in recovery will do. */
  recovery?: boolean;
  /** Its first value must hold. */
  query?: string;
}

/**
 * Makes one connection and asks at least one query: a pooler accepts connections to databases that do not exist. Throws only the
 * signal's reason.
 */
export function checkPostgres({
  url,
  lookup,
  recovery,
  query,
  timeout,
  signal: outer,
}: PostgresCheck): Promise<ProbeResult> {
  return bounded(
    { timeout, signal: outer },
    async (signal) => {
      const way = { signal, lookup, recovery, query, timeout };
      const [first, second] = addressesOf(url);
      try {
        return await ask(first!, way);
      } catch (error) {
        if (!second || codeOf(error) !== 'refused') throw error;
        return await ask(second, way);
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

type Way = Pick<PostgresCheck, 'lookup' | 'recovery' | 'query' | 'timeout'> & { signal: AbortSignal };

async function ask(connectionString: string, { signal, lookup, ...asked }: Way): Promise<ProbeResult> {
  const socket = addAbortSignal(signal, socketBy(lookup));
  const client = new Client({ connectionString, application_name: 'belay', stream: () => socket });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const result = await judge(client, asked);
    client.end().catch(() => undefined);
    return result;
  } finally {
    socket.destroySoon();
  }
}

async function judge(client: Client, { recovery, query, timeout }: Omit<Way, 'signal'>): Promise<ProbeResult> {
  if (recovery) await client.query('SELECT 1');
  else if (await isInRecovery(client)) return unhealthy('it is in recovery: a standby, or not yet restored');
  if (query === undefined) return { healthy: true };
  await client.query('BEGIN READ ONLY');
  // The server would run on after the connection has gone. The check's own end comes first.
  await client.query(`SET LOCAL statement_timeout = ${timeout + 500}`);
  try {
    const result = judgeAnswer(await firstRow(client, query));
    // A pooler gives a connection away that has left its transaction.
    await client.query('ROLLBACK');
    return result;
  } catch (error) {
    const { code = '' } = error as { code?: string };
    // Other errors end the connection, and have words of their own.
    if (!isSqlState(code) || /^(08|57P)/.test(code)) throw error;
    return unhealthy(`its query ends with error ${code}`);
  }
}

/** Compatible servers have no such function, or refuse it: they are taken for one that is up. */
async function isInRecovery(client: Client): Promise<boolean> {
  try {
    const [waits] = await firstRow(client, 'SELECT pg_is_in_recovery()');
    return waits !== false;
  } catch (error) {
    if (['42883', '42501'].includes((error as { code?: string }).code ?? '')) return false;
    throw error;
  }
}

/** The extended protocol takes one statement only. */
async function firstRow(client: Client, text: string): Promise<unknown[]> {
  const { rows } = await client.query<unknown[]>({ text, rowMode: 'array', queryMode: 'extended' } as QueryArrayConfig);
  return rows[0] ?? [];
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

const isSqlState = (code: string): boolean => /^[0-9A-Z]{5}$/.test(code);

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
  return known ?? (isSqlState(code) ? `it answered with error ${code}` : 'connection closed without an answer');
}
