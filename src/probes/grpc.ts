import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { Reader, Writer } from 'protobufjs/minimal';
import { type Bounds, bounded } from './bounded';
import { type ProbeResult, unhealthy } from './probe-result';

export interface GrpcCheck extends Bounds {
  host: string;
  port: number;
  /** In place of what the name resolves to. */
  address?: string;
  /** The one that is asked for; the server as a whole where absent. */
  service?: string;
}

/** The standard health check, in plain text, on a connection of its own. Throws only the signal's reason. */
export function checkGrpc({ host, port, address = host, service = '', ...bounds }: GrpcCheck): Promise<ProbeResult> {
  return bounded(
    bounds,
    async (signal) => {
      const client = new Client(at(address, port), credentials.createInsecure(), {
        'grpc.enable_http_proxy': 0,
        'grpc.service_config_disable_resolution': 1,
        // A connection that failed before would make the next check wait.
        'grpc.use_local_subchannel_pool': 1,
        'grpc.default_authority': at(host, port),
      });
      try {
        return await ask(client, service, signal);
      } finally {
        client.close();
      }
    },
    reasonOf,
  );
}

const at = (host: string, port: number): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);

function ask(client: Client, service: string, signal: AbortSignal): Promise<ProbeResult> {
  return new Promise((resolve, reject) => {
    const call = client.makeUnaryRequest(
      '/grpc.health.v1.Health/Check',
      encodeRequest,
      decodeResponse,
      service,
      (error: ServiceError | null, answer?: number) => (error ? reject(error) : resolve(judge(answer ?? 0))),
    );
    signal.addEventListener('abort', () => call.cancel(), { once: true });
  });
}

/** `HealthCheckRequest { string service = 1; }` of the gRPC health checking protocol. */
const encodeRequest = (service: string): Buffer =>
  Buffer.from(service === '' ? [] : Writer.create().uint32(10).string(service).finish());

/** `HealthCheckResponse { ServingStatus status = 1; }`: the number of the status. */
function decodeResponse(bytes: Buffer): number {
  const reader = Reader.create(bytes);
  let answer = 0;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === 8) answer = reader.int32();
    else reader.skipType(tag & 7);
  }
  return answer;
}

const statuses = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];

const judge = (answer: number): ProbeResult =>
  answer === 1 ? { healthy: true } : unhealthy(`answered ${statuses[answer] ?? answer}`);

function reasonOf(error: unknown): string {
  const { code, details = '' } = error as Partial<ServiceError>;
  if (code === status.UNIMPLEMENTED) return 'it has no grpc.health.v1.Health';
  if (code === status.NOT_FOUND) return 'its health check does not know the service';
  if (code !== status.UNAVAILABLE) return `answered ${status[code ?? status.UNKNOWN]}`;
  if (details.includes('ECONNREFUSED')) return 'connection refused';
  if (details.startsWith('Name resolution failed')) return 'the name of its host is not known here';
  return 'connection closed without an answer';
}
