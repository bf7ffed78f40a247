import type { CheckWords } from './kind';
import { address, Port, place } from './parts';

/** gRPC's standard health check. */
export const grpc = {
  ready: {
    grpc: Port.optional().describe(
      'A port whose grpc.health.v1.Health says SERVING, of the server as a whole, when the instance is ready.',
    ),
  },
  need: {
    grpc: address(
      new RegExp(`^${place}(/[^\\s/]+)?$`),
      'is not host:port — write one such as orders:50051, or orders:50051/shop.Orders for one service of it',
    ).describe('host:port, or host:port/service, whose grpc.health.v1.Health has to say SERVING.'),
  },
  asks: ({ grpc }: { grpc?: number }) => grpc,
} satisfies CheckWords;
