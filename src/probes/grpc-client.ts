import {
  type ChannelCredentials,
  Client,
  credentials,
  type MethodDefinition,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { type Bounds, bounded } from './bounded';
import { authority } from './network';
import type { ProbeResult } from './probe-result';

/** A server to ask. */
export interface GrpcServer extends Bounds {
  host: string;
  port: number;
  /** Address to connect to instead of the name's own. */
  address?: string;
  /** TLS, with any certificate if insecure; absent for plain text. */
  tls?: true | 'insecure';
  /** The only authorities that count, as PEM; absent for those of Node.js. */
  ca?: string;
  /** Name in the certificate; absent for localhost. */
  serverName?: string;
}

/** Asks on a connection of its own, and tells other errors by `wordsOf`. Throws only the signal's reason. */
export function connected(
  { host, port, address = host, tls, ca, serverName, ...bounds }: GrpcServer,
  ask: (client: Client, signal: AbortSignal) => Promise<ProbeResult>,
  wordsOf: (error: Partial<ServiceError>) => string | undefined,
): Promise<ProbeResult> {
  return bounded(
    bounds,
    async (signal) => {
      const client = new Client(authority(address, port), credentialsFor({ tls, ca }), {
        'grpc.enable_http_proxy': 0,
        'grpc.service_config_disable_resolution': 1,
        // A connection that failed before would make the next check wait.
        'grpc.use_local_subchannel_pool': 1,
        'grpc.default_authority': serverName ?? authority(host, port),
        // No certificate of an instance has its address.
        ...(tls && { 'grpc.ssl_target_name_override': serverName ?? 'localhost' }),
      });
      try {
        return await ask(client, signal);
      } finally {
        client.close();
      }
    },
    (error) => wordsOf(error as Partial<ServiceError>) ?? reasonOf(error as Partial<ServiceError>),
  );
}

const credentialsFor = ({ tls, ca }: Pick<GrpcServer, 'tls' | 'ca'>): ChannelCredentials =>
  tls === undefined
    ? credentials.createInsecure()
    : credentials.createSsl(ca === undefined ? null : Buffer.from(ca), null, null, {
        rejectUnauthorized: tls !== 'insecure',
      });

/** The parts of a method that a call needs. */
export type Method<Request, Answer> = Pick<
  MethodDefinition<Request, Answer>,
  'path' | 'requestSerialize' | 'responseDeserialize'
>;

/** Makes a unary call. Throws its status, other than OK, as a `ServiceError`. */
export function unary<Request, Answer>(
  client: Client,
  { path, requestSerialize, responseDeserialize }: Method<Request, Answer>,
  request: Request,
  signal: AbortSignal,
): Promise<Answer | undefined> {
  return new Promise((resolve, reject) => {
    const call = client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, answer) =>
      error ? reject(error) : resolve(answer),
    );
    signal.addEventListener('abort', () => call.cancel(), { once: true });
  });
}

function reasonOf({ code, details = '', message = '' }: Partial<ServiceError>): string {
  if (code === undefined) return message;
  if (code !== status.UNAVAILABLE) return `answered ${status[code]}`;
  if (details.includes('ECONNREFUSED')) return 'connection refused';
  if (details.includes('certificate')) return 'TLS: its certificate is not trusted, or has another name';
  if (details.includes('SSL routines')) return 'TLS: it answered something other than TLS';
  if (details.startsWith('Name resolution failed')) return 'the name of its host is not known here';
  return 'connection closed without an answer';
}
