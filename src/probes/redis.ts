import { connect, isIP, type LookupFunction, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { addAbortSignal } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { type Bounds, bounded } from './bounded';
import { networkReason, tlsReason } from './network';
import { type ProbeResult, unhealthy } from './probe-result';

export interface RedisCheck extends Bounds {
  /** `redis://user:password@host:port/database`, or `rediss` for TLS. */
  url: URL;
  lookup?: LookupFunction;
}

/** One connection on which AUTH, SELECT (each where the address has it) and PING are answered. Throws only the signal's reason. */
export function checkRedis({ url, lookup, ...bounds }: RedisCheck): Promise<ProbeResult> {
  return bounded(
    bounds,
    async (signal) => {
      const socket = addAbortSignal(signal, open(url, lookup));
      try {
        return await converse(socket, commandsOf(url));
      } finally {
        socket.destroy();
      }
    },
    (error) => networkReason(error) ?? tlsReason(error as { code?: string }) ?? 'the connection broke',
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

function open({ protocol, hostname, port }: URL, lookup?: LookupFunction): Socket {
  const host = hostname.replace(/^\[|\]$/g, '');
  const at = { host, port: Number(port || 6379), lookup };
  return protocol === 'rediss:' ? connectTls({ ...at, servername: isIP(host) ? undefined : host }) : connect(at);
}

/** Each command has one line for an answer. */
async function converse(socket: Socket, commands: string[][]): Promise<ProbeResult> {
  let failure: unknown;
  socket.on('error', (error) => {
    failure = error;
  });
  const lines = createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY });
  socket.once('close', () => lines.close());
  socket.write(commands.map(encode).join(''));
  let answers = 0;
  for await (const line of lines) {
    if (!line.startsWith('+')) return unhealthy(refusal(line));
    answers += 1;
    if (answers === commands.length) return { healthy: true };
  }
  throw failure ?? Object.assign(new Error('closed'), { code: 'ECONNRESET' });
}

/** An array of strings, each with its length in bytes, as RESP has it. */
const encode = (words: string[]): string =>
  [`*${words.length}`, ...words.flatMap((word) => [`$${Buffer.byteLength(word)}`, word])]
    .map((part) => `${part}\r\n`)
    .join('');

/** The first word of an error says its kind; what follows may have the user in it. */
function refusal(line: string): string {
  const kind = /^-([A-Z]+)/.exec(line)?.[1];
  if (kind === undefined) return 'answered something other than Redis';
  if (kind === 'LOADING') return 'it is still loading its data';
  return ['NOAUTH', 'WRONGPASS', 'NOPERM'].includes(kind)
    ? `it refuses the user or the password (${kind})`
    : `answered ${kind}`;
}
