import { type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setImmediate as next } from 'node:timers/promises';
import { connect as connectSecurely } from 'node:tls';
import type { Reply } from '../evidence';

/** Where the instance is reached. */
export interface Address {
  host: string;
  port: number;
  /** Absent: it speaks another protocol than HTTP. */
  path?: string;
  /** Set where it speaks TLS: the name to ask for. Its certificate is the readiness check's business. */
  tls?: { serverName?: string };
  /** True where the instance itself accepts; at a published port a proxy of the engine does. */
  own: boolean;
}

/** Longest wait for a connection and for an answer, in milliseconds. */
export const patience = 2_000;

/** An open connection; undefined if there is none in time. */
export async function opened(
  { host, port, tls }: Pick<Address, 'host' | 'port' | 'tls'>,
  within = patience,
): Promise<Socket | undefined> {
  const socket = tls
    ? connectSecurely({ host, port, servername: tls.serverName ?? '', rejectUnauthorized: false })
    : connect({ host, port });
  socket.on('error', () => undefined);
  const timer = setTimeout(() => socket.destroy(), within);
  const isOpen = await new Promise<boolean>((resolve) => {
    socket.once(tls ? 'secureConnect' : 'connect', () => resolve(true)).once('close', () => resolve(false));
  });
  clearTimeout(timer);
  return isOpen ? socket : undefined;
}

/** True if packets get there, whether or not a program listens. */
export async function isReachable({ host, port }: Pick<Address, 'host' | 'port'>): Promise<boolean> {
  const socket = connect({ host, port });
  const timer = setTimeout(() => socket.destroy(), patience);
  const isThere = await new Promise<boolean>((resolve) => {
    socket
      .once('connect', () => resolve(true))
      .once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'))
      .once('close', () => resolve(false));
  });
  clearTimeout(timer);
  socket.destroy();
  return isThere;
}

/** An idle connection: over HTTP it has carried a request, and is kept for the next one. */
export async function idleConnection(at: Address): Promise<Socket | undefined> {
  const socket = await opened(at);
  if (!socket || at.path === undefined) return socket;
  const answered = new Promise<void>((resolve) => {
    socket.once('data', () => resolve()).once('close', () => resolve());
  });
  socket.write(`GET ${at.path} HTTP/1.1\r\nHost: ${at.host}\r\nConnection: keep-alive\r\n\r\n`);
  await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, patience).unref())]);
  socket.resume();
  return socket;
}

/** Requests on connections that the instance has accepted before. */
export interface Burst {
  /** Number of connections. */
  size: number;
  /** Writes all requests. Returns once the kernel has them. */
  send(): Promise<void>;
  /** Number of answers so far. */
  answered(): number;
  /** Numbers of whole answers and of cut ones, once each has ended or the time is over. */
  end(within: number): Promise<{ answered: number; cut: number }>;
}

export async function openBurst(at: Address, size: number): Promise<Burst> {
  const sockets = (await Promise.all(Array.from({ length: size }, () => opened(at)))).filter(
    (one) => one !== undefined,
  );
  let [answered, cut] = [0, 0];
  const ends: Array<Promise<void>> = [];
  return {
    size: sockets.length,
    async send() {
      for (const socket of sockets)
        ends.push(
          answerOf(at, () => socket).then(
            () => {
              answered += 1;
              // An idle connection would hold up a stop.
              socket.destroy();
            },
            () => {
              cut += 1;
            },
          ),
        );
      await next();
    },
    answered: () => answered,
    async end(within) {
      const over = new Promise((resolve) => setTimeout(resolve, within).unref());
      await Promise.race([Promise.all(ends), over]);
      for (const socket of sockets) socket.destroy();
      await Promise.all(ends);
      return { answered, cut };
    },
  };
}

/** A new request on a connection of its own. */
export async function newRequest(at: Address): Promise<Reply> {
  const socket = await opened(at);
  if (!socket) return 'refused';
  const timer = setTimeout(() => socket.destroy(), patience);
  try {
    const { statusCode, headers, httpVersion } = await answerOf(at, () => socket);
    if (statusCode !== 503) return 'answered';
    const closes = headers.connection === undefined ? httpVersion === '1.0' : /close/i.test(headers.connection);
    return closes ? 'closing' : 'unavailable';
  } catch {
    return at.own ? 'lost' : 'refused';
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

/** The whole answer. Rejects if it is cut. */
function answerOf({ host, port, path = '/' }: Address, createConnection: () => Socket): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // With an agent, also with `agent: false`, Node opens a connection of its own.
    request({ host, port, path, createConnection, headers: { connection: 'keep-alive' } })
      .on('error', reject)
      .on('close', () => reject(new Error('the connection has ended')))
      .on('response', (response) => {
        response
          .on('error', reject)
          .on('end', () => (response.complete ? resolve(response) : reject(new Error('the answer was cut'))))
          .on('close', () => reject(new Error('the answer was cut')))
          .resume();
      })
      .end();
  });
}
