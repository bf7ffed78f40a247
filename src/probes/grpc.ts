import {
  type ChannelCredentials,
  Client,
  credentials,
  type MethodDefinition,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { type Bounds, bounded } from './bounded';
import type { CheckKind } from './kind';
import { authority } from './network';
import { type ProbeResult, unhealthy } from './probe-result';

export const grpc: CheckKind = {
  atPort: ({ check: { service, tls, server_name: serverName }, ...at }) =>
    checkGrpc({ ...at, service, tls, serverName }),
  atAddress: {
    protocols: ['grpc:'],
    bare: true,
    check: ({ url, host, address, timeout, signal }) => {
      const service = url.pathname.replace(/^\//, '');
      return checkGrpc({ host, port: Number(url.port), address, service, timeout, signal });
    },
  },
};

export interface GrpcCheck extends Bounds {
  host: string;
  port: number;
  /** Address to connect to instead of the name's own. */
  address?: string;
  /** Service to ask for; absent for the server as a whole. */
  service?: string;
  /** TLS, with any certificate if insecure; absent for plain text. */
  tls?: true | 'insecure';
  /** Name in the certificate; absent for localhost. */
  serverName?: string;
}

/** Makes the standard health check on a connection of its own. Throws only the signal's reason. */
export function checkGrpc(request: GrpcCheck): Promise<ProbeResult> {
  const { host, port, address = host, service = '', tls, serverName, ...bounds } = request;
  // The method is loaded before the timeout begins.
  const check = method();
  return bounded(
    bounds,
    async (signal) => {
      const client = new Client(authority(address, port), credentialsFor(tls), {
        'grpc.enable_http_proxy': 0,
        'grpc.service_config_disable_resolution': 1,
        // A connection that failed before would make the next check wait.
        'grpc.use_local_subchannel_pool': 1,
        'grpc.default_authority': serverName ?? authority(host, port),
        // No certificate of an instance has its address.
        ...(tls && { 'grpc.ssl_target_name_override': serverName ?? 'localhost' }),
      });
      try {
        return await ask(client, { check, service, signal });
      } finally {
        client.close();
      }
    },
    reasonOf,
  );
}

const credentialsFor = (tls: GrpcCheck['tls']): ChannelCredentials =>
  tls === undefined
    ? credentials.createInsecure()
    : credentials.createSsl(null, null, null, { rejectUnauthorized: tls !== 'insecure' });

/** Returns `Check` of the gRPC health checking protocol. The first check loads its definition, which takes 60 ms. */
const method = (): MethodDefinition<Request, Answer> =>
  (require('grpc-health-check') as typeof import('grpc-health-check')).service.Check as MethodDefinition<
    Request,
    Answer
  >;

interface Request {
  service: string;
}

interface Answer {
  /** The status's name, or its number if the protocol does not name it. */
  status: string | number;
}

interface Call {
  check: MethodDefinition<Request, Answer>;
  service: string;
  signal: AbortSignal;
}

function ask(client: Client, { check, service, signal }: Call): Promise<ProbeResult> {
  const { path, requestSerialize, responseDeserialize } = check;
  return new Promise((resolve, reject) => {
    const call = client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { service }, (error, answer) =>
      error ? reject(error) : resolve(judge(answer)),
    );
    signal.addEventListener('abort', () => call.cancel(), { once: true });
  });
}

const judge = (answer?: Answer): ProbeResult =>
  answer?.status === 'SERVING' ? { healthy: true } : unhealthy(`answered ${answer?.status ?? 'nothing'}`);

function reasonOf(error: unknown): string {
  const { code, details = '' } = error as Partial<ServiceError>;
  if (code === status.UNIMPLEMENTED) return 'it has no grpc.health.v1.Health';
  if (code === status.NOT_FOUND) return 'its health check does not know the service';
  if (code !== status.UNAVAILABLE) return `answered ${status[code ?? status.UNKNOWN]}`;
  if (details.includes('ECONNREFUSED')) return 'connection refused';
  if (details.includes('certificate')) return 'TLS: its certificate is not trusted, or has another name';
  if (details.includes('SSL routines')) return 'TLS: it answered something other than TLS';
  if (details.startsWith('Name resolution failed')) return 'the name of its host is not known here';
  return 'connection closed without an answer';
}
