import type { ConnectionLike } from '@temporalio/client';
import { type Bounds, bounded } from './bounded';
import type { CheckKind } from './kind';
import { authority } from './network';
import { type ProbeResult, unhealthy } from './probe-result';

export const temporal: CheckKind = {
  atAddress: {
    protocols: ['temporal:'],
    bare: true,
    check: ({ url, host, address, timeout, signal }) => {
      const namespace = decodeURIComponent(url.pathname.replace(/^\//, '')) || 'default';
      return checkTemporal({ host, port: Number(url.port), address, namespace, timeout, signal });
    },
  },
};

export interface TemporalCheck extends Bounds {
  host: string;
  port: number;
  /** Address to connect to instead of the name's own. */
  address?: string;
  namespace: string;
}

/** Asks the server, in plain text, for the namespace. Throws only the signal's reason. */
export function checkTemporal({ host, port, address = host, namespace, ...bounds }: TemporalCheck) {
  // The first check loads the client; its timeout begins afterwards.
  const { Connection } = require('@temporalio/client') as typeof import('@temporalio/client');
  return bounded(
    bounds,
    async (signal) => {
      const connection = Connection.lazy({
        address: authority(address, port),
        tls: false,
        // The step asks again by itself.
        interceptors: [],
        channelArgs: {
          'grpc.enable_http_proxy': 0,
          'grpc.service_config_disable_resolution': 1,
          // A connection that failed before would make the next check wait.
          'grpc.use_local_subchannel_pool': 1,
          'grpc.default_authority': authority(host, port),
        },
      });
      try {
        return await connection.withAbortSignal(signal, () => ask(connection, namespace));
      } finally {
        await connection.close();
      }
    },
    reasonOf,
  );
}

/** `NAMESPACE_STATE_REGISTERED` of Temporal's API. */
const registered = 1;

async function ask({ workflowService }: ConnectionLike, namespace: string): Promise<ProbeResult> {
  const { namespaceInfo } = await workflowService.describeNamespace({ namespace });
  return namespaceInfo?.state === registered ? { healthy: true } : unhealthy('its namespace is given up or deleted');
}

/** gRPC's status codes. */
const words: Record<number, string> = {
  5: 'it has no such namespace',
  7: 'it refuses the namespace',
  8: 'it is overloaded',
  12: 'it is no Temporal server',
  16: 'it wants a login',
};

function reasonOf(error: unknown): string {
  const { code = 2, details = '' } = error as { code?: number; details?: string };
  if (details.includes('ECONNREFUSED')) return 'connection refused';
  if (details.startsWith('Name resolution failed')) return 'the name of its host is not known here';
  return words[code] ?? (code === 14 ? 'connection closed without an answer' : `answered with gRPC status ${code}`);
}
