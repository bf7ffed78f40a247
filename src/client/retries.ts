import { InterceptingCall, type Interceptor, Metadata, status } from '@grpc/grpc-js';
import { defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';

type Call = ReturnType<Parameters<Interceptor>[1]>;

/**
 * A call that fails without a request. The SDK's timer for a retry outlives its connection; an error thrown there would
 * end the whole process.
 */
const closed = (details: string): Call => ({
  start: (_metadata, listener) =>
    listener?.onReceiveStatus?.({
      code: status.CANCELLED,
      details,
      metadata: new Metadata(),
    }),
  sendMessage: () => {},
  sendMessageWithContext: () => {},
  startRead: () => {},
  halfClose: () => {},
  cancelWithStatus: () => {},
  getPeer: () => 'closed',
  getAuthContext: () => null,
});

const unlessClosed: Interceptor = (options, nextCall) => {
  try {
    return new InterceptingCall(nextCall(options));
  } catch (error) {
    return new InterceptingCall(closed((error as Error).message));
  }
};

/** Retries as the SDK does by default; a retry that is due after the connection was closed fails its call. */
export const retries: Interceptor[] = [makeGrpcRetryInterceptor(defaultGrpcRetryOptions()), unlessClosed];
