import { connect } from 'node:net';
import { addAbortSignal } from 'node:stream';
import type { Connection, ConnectionOptions } from 'mysql2/promise';
import { type Bounds, bounded } from './bounded';
import type { CheckKind } from './kind';
import { lookupTo, networkReason, tlsReason } from './network';
import { type ProbeResult, unhealthy } from './probe-result';
import { judgeAnswer } from './query-answer';

export const mysql: CheckKind = { atAddress: { protocols: ['mysql:'], check: checkMysql } };

export interface MysqlCheck extends Bounds {
  /** `mysql://user:password@host:port/database`, with `?ssl-mode=REQUIRED` for TLS. */
  url: URL;
  host: string;
  /** Address to connect to instead of the host's own. */
  address?: string;
  /** Its first value must hold. */
  query?: string;
}

/** Makes one connection, and asks at least one query. Throws only the signal's reason. */
export function checkMysql({ url, host, address, query, ...bounds }: MysqlCheck): Promise<ProbeResult> {
  // The first check loads the client, not the start of every command; its timeout begins afterwards.
  const { createConnection } = require('mysql2/promise') as typeof import('mysql2/promise');
  return bounded(
    bounds,
    async (signal) => {
      const socket = connect({ host, port: Number(url.port || 3306), lookup: lookupTo(address) });
      addAbortSignal(signal, socket);
      try {
        const client = await createConnection({ ...loginOf(url, host), stream: () => socket });
        client.on('error', () => undefined);
        return await judge(client, { query, timeout: bounds.timeout });
      } finally {
        socket.destroy();
      }
    },
    reasonOf,
  );
}

/** TLS has the meaning of MySQL's `ssl-mode`: only the verifying modes look at the certificate. */
function loginOf({ username, password, pathname, searchParams }: URL, host: string): ConnectionOptions {
  const mode = searchParams.get('ssl-mode')?.toLowerCase() ?? '';
  const verifies = ['verify_ca', 'verify_identity'].includes(mode);
  return {
    host,
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.replace(/^\//, '')) || undefined,
    ssl:
      verifies || mode === 'required'
        ? { rejectUnauthorized: verifies, verifyIdentity: mode === 'verify_identity' }
        : undefined,
  };
}

async function judge(
  client: Connection,
  { query, timeout }: Pick<MysqlCheck, 'query' | 'timeout'>,
): Promise<ProbeResult> {
  await client.query('SELECT 1');
  if (query === undefined) return { healthy: true };
  await limitTime(client, timeout);
  await client.query('START TRANSACTION READ ONLY');
  try {
    const [rows] = await client.query({ sql: query, rowsAsArray: true });
    return judgeAnswer((rows as unknown[][])[0] ?? []);
  } catch (error) {
    const { code = '', fatal } = error as { code?: string; fatal?: boolean };
    if (fatal || !isAnswer(code)) throw error;
    return unhealthy(`its query ends with error ${code}`);
  }
}

/** Ends the query at the server: it would run on after the connection has gone. MariaDB and MySQL differ in the name. */
async function limitTime(client: Connection, timeout: number): Promise<void> {
  const longest = timeout + 500;
  for (const limit of [`max_statement_time = ${longest / 1000}`, `max_execution_time = ${longest}`]) {
    try {
      await client.query(`SET SESSION ${limit}`);
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== 'ER_UNKNOWN_SYSTEM_VARIABLE') throw error;
    }
  }
}

const isAnswer = (code: string): boolean => /^ER_[A-Z0-9_]+$/.test(code);

/** MySQL's error codes; its own messages contain user, host and database. */
const words: Record<string, string> = {
  ER_ACCESS_DENIED_ERROR: 'it refuses the user or the password',
  ER_ACCESS_DENIED_NO_PASSWORD_ERROR: 'it refuses the user or the password',
  ER_DBACCESS_DENIED_ERROR: 'it refuses the user this database',
  ER_BAD_DB_ERROR: 'it has no such database',
  ER_CON_COUNT_ERROR: 'it has no connection left',
  ER_HOST_NOT_PRIVILEGED: 'it refuses connections from this machine',
  ER_HOST_IS_BLOCKED: 'it refuses connections from this machine, after too many errors',
  ER_SECURE_TRANSPORT_REQUIRED: 'it refuses a connection without TLS: add ?ssl-mode=REQUIRED',
  HANDSHAKE_NO_SSL_SUPPORT: 'it does not support TLS',
};

function reasonOf(error: unknown): string {
  const { code = '' } = error as { code?: string };
  const known = words[code] ?? networkReason(error) ?? tlsReason({ code });
  if (known || isAnswer(code)) return known ?? `it answered with error ${code}`;
  return code === 'HANDSHAKE_SSL_ERROR' ? 'TLS: its certificate is refused' : 'connection closed without an answer';
}
