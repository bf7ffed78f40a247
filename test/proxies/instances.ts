import { once } from 'node:events';
import { createServer, get, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

export interface InstanceOptions {
  /** Status of /ready; 200 by default. */
  ready?: number;
  /** Milliseconds that /ready takes. */
  slow?: number;
  port?: number;
}

export interface Instances {
  /**
   * Starts an instance and returns its address. The instance answers with that address, and holds /hold until
   * `release`. At /events it sends some, and on an upgraded connection what it gets.
   */
  start(options?: InstanceOptions): Promise<string>;
  /** Requests for /ready that came in, by address. */
  checks(address: string): number;
  /** Resolves when the next request for /hold has come in. */
  held(): Promise<void>;
  release(): void;
  /** Ends the streams of an instance, as a service that stops does. */
  endStreams(address: string): void;
  /** Ends an instance at once, with all of its connections. */
  kill(address: string): Promise<void>;
  stop(): Promise<void>;
}

/** The clients that tests choose, and their requests' headers. */
export const chosenMatch = { header: { name: 'X-Beta', value: 'yes' } };
export const headersOf = (client?: 'chosen'): Record<string, string> => (client ? { 'x-beta': 'yes' } : {});

/** Small services in this process, for a proxy to lead to. */
export function startInstances(): Instances {
  const servers = new Map<string, Server>();
  const streams = new Map<string, Array<ServerResponse | Duplex>>();
  const held: ServerResponse[] = [];
  const waiting: (() => void)[] = [];
  const checks = new Map<string, number>();
  const kill = async (address: string) => {
    const server = servers.get(address);
    servers.delete(address);
    for (const one of streams.get(address) ?? []) one.destroy();
    server?.closeAllConnections();
    if (server) await once(server.close(), 'close');
  };
  return {
    async start({ ready = 200, slow = 0, port = 0 } = {}) {
      const server = createServer((request, response) => {
        if (request.url === '/hold') {
          held.push(response);
          for (const tell of waiting.splice(0)) tell();
          return;
        }
        if (request.url === '/events') {
          streams.get(address)!.push(response);
          return sendEvents(response);
        }
        if (request.url !== '/ready') return void response.end(address);
        checks.set(address, (checks.get(address) ?? 0) + 1);
        response.statusCode = ready;
        setTimeout(() => response.end(), slow);
      });
      server.on('upgrade', (_request, socket) => {
        streams.get(address)!.push(socket);
        echo(socket);
      });
      await once(server.listen(port, '127.0.0.1'), 'listening');
      const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      servers.set(address, server);
      streams.set(address, []);
      return address;
    },
    checks: (address) => checks.get(address) ?? 0,
    held: () => new Promise((done) => waiting.push(done)),
    release() {
      for (const response of held.splice(0)) response.end();
    },
    endStreams(address) {
      for (const one of streams.get(address) ?? []) one.end();
    },
    kill,
    async stop() {
      for (const address of [...servers.keys()]) await kill(address);
    },
  };
}

/** The header lets nginx pass on each event at once. */
function sendEvents(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
  const timer = setInterval(() => response.write('data: 1\n\n'), 20);
  response.on('close', () => clearInterval(timer)).on('finish', () => clearInterval(timer));
}

/** Answers as for a WebSocket, whose key no client here looks at. */
function echo(socket: Duplex): void {
  socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
  socket.on('error', () => undefined).pipe(socket);
}

/** Sends one GET over a connection of its own. The status is 0 without an answer in time, in milliseconds. */
export async function request(
  url: string,
  within?: number,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: string }> {
  const signal = within === undefined ? undefined : AbortSignal.timeout(within);
  try {
    const [response] = await once(get(url, { agent: false, signal, headers }), 'response');
    let body = '';
    for await (const chunk of response) body += chunk;
    return { status: response.statusCode, body };
  } catch (error) {
    if (signal?.aborted) return { status: 0, body: '' };
    throw error;
  }
}
