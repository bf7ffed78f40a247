import { connect } from 'node:net';
import { formatDuration } from '../spec/duration';
import type { Bounds } from './bounded';
import type { CheckKind } from './kind';
import { networkReason } from './network';
import { type ProbeResult, unhealthy } from './probe-result';

export const tcp: CheckKind = {
  atPort: ({ host, port, timeout, signal }) => checkTcp({ host, port, timeout, signal }),
  atAddress: {
    protocols: ['tcp:'],
    bare: true,
    check: ({ url, host, address, timeout, signal }) =>
      checkTcp({ host: address ?? host, port: Number(url.port), timeout, signal }),
  },
};

export interface TcpCheck extends Bounds {
  /** Absent for this machine. */
  host?: string;
  port: number;
}

/**
 * Docker's forwarder accepts connections to a published port as soon as the container runs. It closes them at once if
 * no program listens inside. So a connection must stay open for these milliseconds, or bring data.
 */
const settle = 250;

/** Makes one connection, which must be accepted and kept. Throws only the signal's reason. */
export async function checkTcp({ host = '127.0.0.1', port, timeout, signal }: TcpCheck): Promise<ProbeResult> {
  signal?.throwIfAborted();
  const result = await new Promise<ProbeResult | 'aborted'>((resolve) => {
    const socket = connect({ host, port });
    const end = (outcome: ProbeResult | 'aborted') => {
      clearTimeout(late);
      signal?.removeEventListener('abort', abort);
      socket.destroy();
      resolve(outcome);
    };
    const abort = () => end('aborted');
    const late = setTimeout(() => end(unhealthy(`no connection within ${formatDuration(timeout)}`)), timeout);
    signal?.addEventListener('abort', abort);
    socket.once('connect', () => setTimeout(() => end({ healthy: true }), Math.min(settle, timeout / 2)));
    socket.once('data', () => end({ healthy: true }));
    socket.once('end', () => end(unhealthy('accepted and closed at once: nothing listens inside')));
    socket.on('error', (error: NodeJS.ErrnoException) => end(unhealthy(reasonOf(error))));
  });
  if (result === 'aborted') throw signal?.reason;
  return result;
}

function reasonOf(error: NodeJS.ErrnoException): string {
  if (error.code === 'ECONNRESET') return 'accepted and closed at once: nothing listens inside';
  return networkReason(error) ?? 'the connection broke';
}
