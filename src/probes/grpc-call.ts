import { type Client, type ServiceError, status } from '@grpc/grpc-js';
import { connected, type GrpcServer, type Method, unary } from './grpc-client';
import { protocol } from './grpc-protocol';
import { describedMethod } from './grpc-reflection';
import { type ProbeResult, unhealthy } from './probe-result';

export interface GrpcCall extends GrpcServer {
  /** `shop.Orders/Get` */
  call: string;
  /** Fields of the request, by their names in the proto file; absent for an empty one. */
  message?: Record<string, unknown>;
  /** Names of healthy status codes; absent for OK alone. */
  codes?: string[];
}

/** Makes one unary call, whose status decides. Throws only the signal's reason. */
export function checkCall({ call, message = {}, codes = ['OK'], ...server }: GrpcCall): Promise<ProbeResult> {
  // What describes a message is loaded before the timeout begins.
  if (hasFields(message)) protocol();
  return connected(
    server,
    async (client, signal) => {
      const method = await methodOf(client, { call, message }, signal);
      const code = await statusOf(unary(client, method, message, signal));
      if (codes.includes(code)) return { healthy: true };
      return unhealthy(code === 'UNIMPLEMENTED' ? `it has no ${call}` : `answered ${code}, not ${codes.join(' or ')}`);
    },
    () => undefined,
  );
}

/** An empty request is the same for all types; any other one needs the server's description. */
const methodOf = async (
  client: Client,
  { call, message }: Required<Pick<GrpcCall, 'call' | 'message'>>,
  signal: AbortSignal,
): Promise<Method<object, unknown>> =>
  hasFields(message)
    ? await describedMethod(client, { call, message }, signal)
    : { path: `/${call}`, requestSerialize: () => Buffer.alloc(0), responseDeserialize: (bytes) => bytes };

const hasFields = (message: object): boolean => Object.keys(message).length > 0;

/** Returns the name of the status that the program has answered. Throws where none came. */
async function statusOf(answer: Promise<unknown>): Promise<string> {
  try {
    await answer;
    return 'OK';
  } catch (error) {
    const { code } = error as Partial<ServiceError>;
    if (code === undefined || code === status.UNAVAILABLE || code === status.CANCELLED) throw error;
    return status[code]!;
  }
}
