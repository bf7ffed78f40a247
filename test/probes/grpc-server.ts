import { Server, ServerCredentials, type ServiceDefinition, status } from '@grpc/grpc-js';

/** Answers of a health service by the service asked for; '' is the server as a whole. */
export type Health = Record<string, number | 'hangs'>;

type Request = { service: string };

/** `grpc.health.v1.Health` of a service whose name is shorter than 128 bytes. */
const definition: ServiceDefinition = {
  Check: {
    path: '/grpc.health.v1.Health/Check',
    requestStream: false,
    responseStream: false,
    requestSerialize: ({ service }: Request) => Buffer.from(service),
    requestDeserialize: (bytes: Buffer) => ({ service: bytes.subarray(2).toString('utf8') }),
    responseSerialize: (answer: number) => Buffer.from([8, answer]),
    responseDeserialize: (bytes: Buffer) => bytes[1],
  },
};

/** A gRPC server on loopback while the function runs; without a health service where none is given. */
export async function servingGrpc<T>(
  health: Health | undefined,
  use: (port: number) => Promise<T>,
  by = ServerCredentials.createInsecure(),
): Promise<T> {
  const server = new Server();
  if (health)
    server.addService(definition, {
      Check(call: { request: Request }, reply: (error: object | null, answer?: number) => void) {
        const answer = health[call.request.service];
        if (answer === undefined) reply({ code: status.NOT_FOUND, details: `no ${call.request.service}` });
        else if (answer !== 'hangs') reply(null, answer);
      },
    });
  return await listening(server, use, by);
}

/** The server on loopback while the function runs. */
export async function listening<T>(
  server: Server,
  use: (port: number) => Promise<T>,
  by = ServerCredentials.createInsecure(),
): Promise<T> {
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', by, (error, bound) => (error ? reject(error) : resolve(bound))),
  );
  return use(port).finally(() => server.forceShutdown());
}
