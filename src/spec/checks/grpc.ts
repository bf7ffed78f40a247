import { z } from 'zod';
import type { CheckWords } from './kind';
import { address, Port, place } from './parts';

/** Codes by which a program answers a call. Clients and proxies make up the others. */
const codes = [
  'OK',
  'INVALID_ARGUMENT',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'FAILED_PRECONDITION',
  'OUT_OF_RANGE',
  'UNAUTHENTICATED',
] as const;

/** gRPC's standard health check, or a call of one's own. */
export const grpc = {
  ready: {
    grpc: Port.optional().describe('A port whose grpc.health.v1.Health says SERVING when the instance is ready.'),
    service: z
      .string()
      .regex(/^[A-Za-z_][\w.-]*$/, 'is not the name of a gRPC service — write one such as shop.Orders')
      .optional()
      .describe('The service that a grpc check asks for; the server as a whole where absent.'),
    call: z
      .string()
      .regex(/^[A-Za-z_][\w.]*\/[A-Za-z_]\w*$/, 'is not the name of a method — write one such as shop.Orders/Get')
      .optional()
      .describe('A unary method that a grpc check calls in place of the health service: shop.Orders/Get.'),
    message: z
      .record(z.string(), z.unknown())
      .optional()
      .describe(
        "The fields of the call's request, by their names in the proto file; it is no secret. They need proto, or server reflection. Empty where absent.",
      ),
    proto: z
      .string()
      .regex(
        /^(?!\/)(?!.*(^|\/)\.\.(\/|$)).+\.proto$/,
        'is not a proto file of this folder — write its name, such as proto/orders.proto',
      )
      .optional()
      .describe(
        'A proto file of this folder that has the method of call, for a server without reflection; its imports stand beside it, or in a folder above it.',
      ),
    codes: z
      .array(z.enum(codes))
      .min(1)
      .optional()
      .describe('The status codes that the call may end with; OK alone where absent.'),
    tls: z
      .union([z.literal(true), z.literal('insecure')], 'takes true, or insecure for any certificate')
      .optional()
      .describe('Ask by grpc over TLS; insecure accepts any certificate. Plain text where absent.'),
  },
  need: {
    grpc: address(
      new RegExp(`^${place}(/[^\\s/]+)?$`),
      'is not host:port — write one such as orders:50051, or orders:50051/shop.Orders for one service of it',
    ).describe('host:port, or host:port/service, whose grpc.health.v1.Health has to say SERVING.'),
  },
  asks: ({ grpc }: { grpc?: number }) => grpc,
} satisfies CheckWords;
