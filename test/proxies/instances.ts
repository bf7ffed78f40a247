import { once } from 'node:events';
import { createServer, get, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

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
   * `release`.
   */
  start(options?: InstanceOptions): Promise<string>;
  /** Requests for /ready that came in, by address. */
  checks(address: string): number;
  /** Resolves when the next request for /hold has come in. */
  held(): Promise<void>;
  release(): void;
  stop(): Promise<void>;
}

/** Small services in this process, for a proxy to lead to. */
export function startInstances(): Instances {
  const servers: ReturnType<typeof createServer>[] = [];
  const held: ServerResponse[] = [];
  const waiting: (() => void)[] = [];
  const checks = new Map<string, number>();
  return {
    async start({ ready = 200, slow = 0, port = 0 } = {}) {
      const server = createServer((request, response) => {
        const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
        if (request.url === '/hold') {
          held.push(response);
          for (const tell of waiting.splice(0)) tell();
          return;
        }
        if (request.url !== '/ready') return void response.end(address);
        checks.set(address, (checks.get(address) ?? 0) + 1);
        response.statusCode = ready;
        setTimeout(() => response.end(), slow);
      });
      servers.push(server);
      await once(server.listen(port, '127.0.0.1'), 'listening');
      return `127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    checks: (address) => checks.get(address) ?? 0,
    held: () => new Promise((done) => waiting.push(done)),
    release() {
      for (const response of held.splice(0)) response.end();
    },
    async stop() {
      for (const server of servers.splice(0)) {
        server.closeAllConnections();
        await once(server.close(), 'close');
      }
    },
  };
}

/** Sends one GET over a connection of its own. The status is 0 without an answer in time, in milliseconds. */
export async function request(url: string, within?: number): Promise<{ status: number; body: string }> {
  const signal = within === undefined ? undefined : AbortSignal.timeout(within);
  try {
    const [response] = await once(get(url, { agent: false, signal }), 'response');
    let body = '';
    for await (const chunk of response) body += chunk;
    return { status: response.statusCode, body };
  } catch (error) {
    if (signal?.aborted) return { status: 0, body: '' };
    throw error;
  }
}
