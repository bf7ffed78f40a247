import { createServer } from 'node:http';
import { status as grpcStatus } from '@grpc/grpc-js';
import { type Client, isGrpcServiceError } from '@temporalio/client';
import type { Worker } from '@temporalio/worker';

/** Milliseconds. Less than the 4 s that ask-health waits. */
const patience = 3_000;

export interface Examined {
  workers: Array<Pick<Worker, 'getState'> & { options: Pick<Worker['options'], 'taskQueue'> }>;
  /** What is wrong with Temporal, as `temporalProblem` says it. */
  problem(): Promise<string | undefined>;
}

/**
 * GET /health on loopback: 200 while every worker polls and Temporal answers, else 503; says for which task queues. A worker
 * that waits for Temporal goes on by itself. An orchestrator should not restart it for this.
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
 * That the server is silent, or has no such namespace; undefined where it answers. Asks for what stands in Temporal's database: the
 * server alone says that it is well without it, too.
 */
export async function temporalProblem(client: Client): Promise<string | undefined> {
  const { namespace } = client.options;
  const ask = () => client.workflowService.describeNamespace({ namespace });
  return await client.withDeadline(Date.now() + patience, ask).then(
    () => undefined,
    (error: unknown) => problemOf(error, namespace),
  );
}

/** A refusal is an answer: a key need not be allowed to describe its namespace. */
function problemOf(error: unknown, namespace: string): string | undefined {
  const code = isGrpcServiceError(error) ? error.code : grpcStatus.UNAVAILABLE;
  if (code === grpcStatus.NOT_FOUND) return `namespace ${namespace} is not there`;
  const isSilent = code === grpcStatus.UNAVAILABLE || code === grpcStatus.DEADLINE_EXCEEDED;
  return isSilent ? `does not answer: ${error instanceof Error ? error.message : error}` : undefined;
}
