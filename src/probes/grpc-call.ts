import { type ServiceError, status } from '@grpc/grpc-js';
import { connected, type GrpcServer, type Method, unary } from './grpc-client';
import { protocol } from './grpc-protocol';
import { describedMethod } from './grpc-reflection';
import { type ProbeResult, unhealthy } from './probe-result';

export interface GrpcCall extends GrpcServer {
  /** `shop.Orders/Get` */
  call: string;
  /** Fields of the request, by their names in the proto file; absent for an empty one. */
  message?: Record<string, unknown>;
  /** The encoded request in base64; absent: the server's reflection tells how to encode `message`. */
  request?: string;
  /** Names of healthy status codes; absent for OK alone. */
  codes?: string[];
}

/** Makes one unary call, whose status decides. Throws only the signal's reason. */
export function checkCall({ call, message = {}, request, codes = ['OK'], ...server }: GrpcCall): Promise<ProbeResult> {
  // An empty request is the same for all types.
  const encoded = request ?? (Object.keys(message).length === 0 ? '' : undefined);
  // What describes a message is loaded before the timeout begins.
  if (encoded === undefined) protocol();
  return connected(
    server,
    async (client, signal) => {
      const method =
        encoded === undefined ? await describedMethod(client, { call, message }, signal) : sending(call, encoded);
      const code = await statusOf(unary(client, method, message, signal));
      if (codes.includes(code)) return { healthy: true };
      return unhealthy(code === 'UNIMPLEMENTED' ? `it has no ${call}` : `answered ${code}, not ${codes.join(' or ')}`);
    },
    () => undefined,
  );
}

const sending = (call: string, request: string): Method<object, unknown> => ({
  path: `/${call}`,
  requestSerialize: () => Buffer.from(request, 'base64'),
  responseDeserialize: (bytes) => bytes,
});

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
