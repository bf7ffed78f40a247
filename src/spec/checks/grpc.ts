import { z } from 'zod';
import type { CheckWords } from './kind';
import { address, Port, place } from './parts';

/** gRPC's standard health check. */
export const grpc = {
  ready: {
    grpc: Port.optional().describe('A port whose grpc.health.v1.Health says SERVING when the instance is ready.'),
    service: z
      .string()
      .regex(/^[A-Za-z_][\w.-]*$/, 'is not the name of a gRPC service — write one such as shop.Orders')
      .optional()
      .describe('The service that a grpc check asks for; the server as a whole where absent.'),
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
