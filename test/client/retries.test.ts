import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import { connectClient } from '../../src/client/connect';

/** A Temporal that lets a client connect, and cannot count workflows now. */
async function startFailing(onCount: () => void): Promise<{ address: string; stop: () => void }> {
  const bytes = (value: Buffer) => value;
  const count = {
    path: '/temporal.api.workflowservice.v1.WorkflowService/CountWorkflowExecutions',
    requestStream: false,
    responseStream: false,
    requestSerialize: bytes,
    requestDeserialize: bytes,
    responseSerialize: bytes,
    responseDeserialize: bytes,
  };
  const server = new Server();
  server.addService(
    { count },
    {
      count: (_call: unknown, answer: (error: object) => void) => {
        answer({ code: status.UNAVAILABLE, details: 'not now' });
        onCount();
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { address: `127.0.0.1:${port}`, stop: () => server.forceShutdown() };
}

test('a call that waits for its retry fails once its connection is closed', async () => {
  let called = () => {};
  const counted = new Promise<void>((resolve) => {
    called = resolve;
  });
  const temporal = await startFailing(() => called());
  const client = await connectClient({ TEMPORAL_ADDRESS: temporal.address });
  const answer = client.workflow.count().catch((error: { cause?: unknown }) => error.cause);
  await counted;
  await client.connection.close();
  expect(await answer).toMatchObject({ code: status.CANCELLED, details: 'Channel has been shut down' });
  temporal.stop();
});
