import { status } from '@grpc/grpc-js';
import { checkCall } from './grpc-call';
import { connected, type GrpcServer, type Method, unary } from './grpc-client';
import type { CheckKind } from './kind';
import { type ProbeResult, unhealthy } from './probe-result';

export const grpc: CheckKind = {
  atPort: ({ check: { service, call, message, request, codes, tls, ca, server_name: serverName }, ...at }) =>
    call === undefined
      ? checkGrpc({ ...at, service, tls, ca, serverName })
      : checkCall({ ...at, call, message, request, codes, tls, ca, serverName }),
  atAddress: {
    protocols: ['grpc:'],
    bare: true,
    check: ({ url, host, address, timeout, signal }) => {
      const service = url.pathname.replace(/^\//, '');
      return checkGrpc({ host, port: Number(url.port), address, service, timeout, signal });
    },
  },
};

export interface GrpcCheck extends GrpcServer {
  /** Service to ask for; absent for the server as a whole. */
  service?: string;
}

/** Makes the standard health check. Throws only the signal's reason. */
export function checkGrpc({ service = '', ...server }: GrpcCheck): Promise<ProbeResult> {
  // The method is loaded before the timeout begins.
  const check = method();
  return connected(
    server,
    async (client, signal) => judge(await unary(client, check, { service }, signal)),
    ({ code }) => {
      if (code === status.UNIMPLEMENTED) return 'it has no grpc.health.v1.Health';
      return code === status.NOT_FOUND ? 'its health check does not know the service' : undefined;
    },
  );
}

/** Returns `Check` of the gRPC health checking protocol. The first check loads its definition, which takes 60 ms. */
const method = (): Method<Request, Answer> =>
  (require('grpc-health-check') as typeof import('grpc-health-check')).service.Check as Method<Request, Answer>;

interface Request {
  service: string;
}

interface Answer {
  /** The status's name, or its number if the protocol does not name it. */
  status: string | number;
}

const judge = (answer?: Answer): ProbeResult =>
  answer?.status === 'SERVING' ? { healthy: true } : unhealthy(`answered ${answer?.status ?? 'nothing'}`);
