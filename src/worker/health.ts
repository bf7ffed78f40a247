import { createServer } from 'node:http';
import { status as grpcStatus } from '@grpc/grpc-js';
import { type Client, isGrpcServiceError } from '@temporalio/client';
import type { Worker } from '@temporalio/worker';

/** Milliseconds; less than the 4 s that ask-health waits. */
const patience = 3_000;

export interface Examined {
  workers: Array<Pick<Worker, 'getState'> & { options: Pick<Worker['options'], 'taskQueue'> }>;
  /** Returns Temporal's problem, as `temporalProblem` does. */
  problem(): Promise<string | undefined>;
}

/**
 * Serves GET /health on loopback: 200 while every worker polls and Temporal answers, else 503 with the task queues. A
 * worker that waits for Temporal recovers by itself. An orchestrator should not restart it for this.
 */
export async function serveHealth(port: number, { workers, problem }: Examined): Promise<() => Promise<void>> {
  const server = createServer(async (_request, response) => {
    const states = workers.map((worker) => ({ taskQueue: worker.options.taskQueue, state: worker.getState() }));
    const wrong = await problem();
    const well = wrong === undefined && states.every((one) => one.state === 'RUNNING');
    response
      .writeHead(well ? 200 : 503, { 'content-type': 'application/json' })
      .end(JSON.stringify({ healthy: well, temporal: wrong ?? 'answers', workers: states }));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return () => new Promise((resolve) => void server.close(() => resolve()));
}

/**
 * Returns the problem if the server is silent or lacks the namespace, else undefined. The request reads Temporal's
 * database: the server reports itself healthy without it, too.
 */
export async function temporalProblem(client: Client): Promise<string | undefined> {
  const { namespace } = client.options;
  const ask = () => client.workflowService.describeNamespace({ namespace });
  return await client.withDeadline(Date.now() + patience, ask).then(
    () => undefined,
    (error: unknown) => problemOf(error, namespace),
  );
}

/** A refusal is an answer: a key may lack the right to describe its namespace. */
function problemOf(error: unknown, namespace: string): string | undefined {
  const code = isGrpcServiceError(error) ? error.code : grpcStatus.UNAVAILABLE;
  if (code === grpcStatus.NOT_FOUND) return `namespace ${namespace} is not there`;
  const isSilent = code === grpcStatus.UNAVAILABLE || code === grpcStatus.DEADLINE_EXCEEDED;
  return isSilent ? `does not answer: ${error instanceof Error ? error.message : error}` : undefined;
}
