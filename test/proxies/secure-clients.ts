import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import { Agent, type RequestOptions, request } from 'node:https';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as secured } from 'node:tls';

/** Makes a certificate that nobody trusts. Returns the lines by which nginx uses it. */
export function certificateIn(dir: string): string {
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(dir, name)) as [string, string];
  const files = ['-keyout', key, '-out', cert, '-subj', '/CN=localhost'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...files], { stdio: 'ignore' });
  return `ssl_certificate ${cert}; ssl_certificate_key ${key};`;
}

/** Sends one request. Returns the answer's text, or throws the reason why there is none. */
type Client = () => Promise<string>;

const trusting = { rejectUnauthorized: false };

/** A client with HTTP/1.1 and a connection that it keeps. */
export function firstClient(url: string): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return async () => {
    const options: RequestOptions = { agent, ...trusting };
    const [response] = await once(request(url, options).end(), 'response');
    if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
    return await text(response);
  };
}

/**
 * A client with HTTP/2. As RFC 9113 has it, a request that the server has not begun when it tells the connection to go
 * is sent again on another one.
 */
export function secondClient(url: string): Client {
  let session: ClientHttp2Session | undefined;
  return async () => {
    for (let tries = 0; ; tries++) {
      if (!session || session.closed || session.destroyed) session = openSession(url);
      const { status, body, refused } = await asked(session);
      if (status === 200) return body;
      if (!refused || tries === 3) throw new Error(`status ${status ?? 'none'}, refused: ${refused}`);
      session = undefined;
    }
  };
}

/** Opens a session of HTTP/2, over a connection that is there if one is given. */
export function openSession(url: string, socket?: Socket): ClientHttp2Session {
  const over = socket && { createConnection: () => secured({ socket, ALPNProtocols: ['h2'], ...trusting }) };
  return connect(url, { ...trusting, ...over }).on('error', () => undefined);
}

/** Sends one request over a session of HTTP/2. Throws nothing. */
export async function asked(session: ClientHttp2Session, path = '/') {
  const stream = session.request({ ':path': path });
  let status: number | undefined;
  let body = '';
  stream.on('response', (headers) => {
    status = headers[':status'];
  });
  stream
    .on('error', () => undefined)
    .on('data', (chunk) => {
      body += chunk;
    });
  if (!stream.closed) await new Promise((done) => stream.once('close', done));
  return { status: stream.rstCode === 0 ? status : undefined, body, refused: stream.rstCode === REFUSED };
}

/** REFUSED_STREAM */
const REFUSED = 7;

/** Clients that send one request after the other until `stop`: some at once, some after a pause. Returns each failure. */
export function clientsOf(make: () => Client, { busy, idle }: { busy: number; idle: number }) {
  let isOver = false;
  const failures: string[] = [];
  let count = 0;
  const run = async (pause: number) => {
    const client = make();
    while (!isOver) {
      count += 1;
      await client().catch((error: Error) => failures.push(error.message));
      if (pause > 0) await sleep(pause * (0.5 + Math.random()));
    }
  };
  const all = [...Array.from({ length: busy }, () => run(0)), ...Array.from({ length: idle }, () => run(100))];
  return {
    count: () => count,
    async stop() {
      isOver = true;
      await Promise.all(all);
      return failures;
    },
  };
}
