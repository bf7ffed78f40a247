import { createServer as createHttp, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcp, type Server as NetServer, type Socket } from 'node:net';
import type { DesiredCheck } from '../../src/model/desired';
import type { Probe, ProbeResult } from '../../src/probes/probe';
import type { RuntimeInstance } from '../../src/runtimes/runtime';

/** Returns a check with the defaults of the spec. */
export const check = (more: Partial<DesiredCheck>): DesiredCheck => ({
  status: 200,
  every: 1000,
  timeout: 5000,
  healthy: 1,
  within: 1000,
  grace: 0,
  ...more,
});

/** A running instance whose port 8080 is this host port. */
export const instanceAt = (port: number, more: Partial<RuntimeInstance> = {}): RuntimeInstance => ({
  name: 'shop-api-r2-1',
  revision: 2,
  fingerprint: 'f',
  state: 'running',
  restarts: 0,
  startedAt: '2030-01-01T00:00:00Z',
  health: 'none',
  ports: { '8080': port },
  published: [port],
  stopSignal: 'SIGTERM',
  ...more,
});

/** Serves on a loopback port while the function runs. */
export async function serving<T>(server: Server | NetServer, use: (port: number) => Promise<T>): Promise<T> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use((server.address() as AddressInfo).port);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

export const http = (listener: RequestListener) => createHttp(listener);
export const tcp = (listener: (socket: Socket) => void) => createTcp(listener);

/** A server that every check of its kind is content with, while the function runs. */
export type Answering = <T>(use: (port: number) => Promise<T>) => Promise<T>;

/** The behaviour that every probe of a port shares. */
export function probeContract(
  kind: string,
  probe: Probe,
  wanted: DesiredCheck,
  answering: Answering = (use) =>
    serving(
      http((_, response) => response.end('{}')),
      use,
    ),
): void {
  describe(`${kind}, as every probe`, () => {
    test('finds an instance healthy that answers', async () => {
      const result = await answering((port) => probe({ instance: instanceAt(port), check: wanted }));
      expect(result).toEqual({ healthy: true });
    });

    test('finds one unhealthy that refuses, and says so', async () => {
      const port = await answering(async (port) => port);
      expect(await probe({ instance: instanceAt(port), check: wanted })).toEqual({
        healthy: false,
        why: 'connection refused',
      });
    });

    test('finds one unhealthy that does not run, whoever has its port now', async () => {
      const result = await answering(async (port): Promise<ProbeResult[]> => {
        const exited = instanceAt(port, { state: 'exited', exitCode: 3 });
        const created = instanceAt(port, { state: 'created' });
        return [await probe({ instance: exited, check: wanted }), await probe({ instance: created, check: wanted })];
      });
      expect(result).toEqual([
        { healthy: false, why: 'it exited with 3' },
        { healthy: false, why: 'it was not started' },
      ]);
    });

    test('finds one unhealthy whose port is not published', async () => {
      const result = await probe({ instance: instanceAt(1, { ports: {} }), check: wanted });
      expect(result).toEqual({ healthy: false, why: 'port 8080 is not published on loopback' });
    });

    test('ends with the reason of the signal', async () => {
      const signal = AbortSignal.abort(new Error('enough'));
      const aborted = answering((port) => probe({ instance: instanceAt(port), check: wanted, signal }));
      await expect(aborted).rejects.toThrow('enough');
    });
  });
}
