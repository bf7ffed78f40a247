import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect as connectSecond } from 'node:http2';
import { get as getSecurely } from 'node:https';
import { createConnection } from 'node:net';
import { connect as connectSecurely } from 'node:tls';

/** A stream through the proxy that a test holds open. */
export interface Stream {
  /** Resolves when it is over: true if an end was sent. */
  over: Promise<boolean>;
  /** Returns true if it still carries bytes, within two seconds. */
  lives(): Promise<boolean>;
  close(): void;
}

/** A connection that was upgraded as a WebSocket's is, to an instance that sends back what it gets. */
export async function openUpgrade(port: number, { secure = false } = {}): Promise<Stream> {
  const at = { host: '127.0.0.1', port };
  const socket = secure ? connectSecurely({ ...at, rejectUnauthorized: false }) : createConnection(at);
  const lines = ['GET /socket HTTP/1.1', 'Host: api', 'Connection: Upgrade', 'Upgrade: websocket'];
  socket.write(
    `${[...lines, 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg=='].join('\r\n')}\r\n\r\n`,
  );
  const [head] = await once(socket, 'data');
  if (!String(head).startsWith('HTTP/1.1 101')) throw new Error(`no upgrade: ${head}`);
  return echoing(
    socket,
    (text) => socket.write(text),
    () => socket.destroy(),
  );
}

/** Opens one request and answer over HTTP/2 without TLS. Both stay open, as a gRPC stream does. */
export async function openSecond(port: number, host = '127.0.0.1'): Promise<Stream & { instance: string }> {
  const session = connectSecond(`http://${host}:${port}`);
  session.on('error', () => undefined);
  const stream = session.request({ ':method': 'POST', ':path': '/belay.Echo/Stream', te: 'trailers' });
  stream.on('error', () => undefined);
  const [first] = await once(stream, 'data');
  const close = () => {
    stream.destroy();
    session.destroy();
  };
  return { ...echoing(stream, (text) => stream.write(text), close), instance: String(first) };
}

/** Makes one call over HTTP/2. Returns the instance's name, and the status of gRPC in the trailers. */
export async function callSecond(port: number, host = '127.0.0.1'): Promise<{ instance: string; status: unknown }> {
  const session = connectSecond(`http://${host}:${port}`);
  const stream = session.request({ ':method': 'POST', ':path': '/belay.Echo/Call', te: 'trailers' });
  const trailers = once(stream, 'trailers');
  stream.end();
  let instance = '';
  for await (const chunk of stream) instance += chunk;
  const [{ 'grpc-status': status }] = await trailers;
  session.close();
  return { instance, status };
}

/** Server-sent events; the instance sends one each 50 ms. */
export async function openEvents(url: string): Promise<Stream> {
  const outgoing = url.startsWith('https:')
    ? getSecurely(url, { agent: false, rejectUnauthorized: false })
    : get(url, { agent: false });
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  answer.on('error', () => undefined);
  return { over: overOf(answer), lives: () => brings(answer), close: () => outgoing.destroy() };
}

function echoing(source: NodeJS.ReadableStream, send: (text: string) => void, close: () => void): Stream {
  source.on('error', () => undefined);
  return {
    over: overOf(source),
    lives() {
      const answer = brings(source);
      send('?');
      return answer;
    },
    close,
  };
}

const overOf = (source: NodeJS.ReadableStream): Promise<boolean> =>
  new Promise((done) => source.once('end', () => done(true)).once('close', () => done(false)));

const brings = (source: NodeJS.ReadableStream): Promise<boolean> =>
  once(source, 'data', { signal: AbortSignal.timeout(2_000) }).then(
    () => true,
    () => false,
  );
