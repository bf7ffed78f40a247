import { createServer } from 'node:http';
import type { Client } from '@temporalio/client';
import type { Worker } from '@temporalio/worker';

/** Milliseconds. Less than the 4 s that ask-health waits. */
const patience = 3_000;

export interface Examined {
  workers: Array<Pick<Worker, 'getState'> & { options: Pick<Worker['options'], 'taskQueue'> }>;
  /** Whether Temporal answers for the worker's namespace. */
  answers(): Promise<boolean>;
}

/**
 * GET /health on loopback: 200 while every worker polls and Temporal answers, else 503; says for which task queues. A worker
 * that waits for Temporal goes on by itself. An orchestrator should not restart it for this.
 */
export async function serveHealth(port: number, { workers, answers }: Examined): Promise<() => Promise<void>> {
  const server = createServer(async (_request, response) => {
    const states = workers.map((worker) => ({ taskQueue: worker.options.taskQueue, state: worker.getState() }));
    const temporal = (await answers()) ? 'answers' : 'does not answer';
    const well = temporal === 'answers' && states.every((one) => one.state === 'RUNNING');
    response
      .writeHead(well ? 200 : 503, { 'content-type': 'application/json' })
      .end(JSON.stringify({ healthy: well, temporal, workers: states }));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return () => new Promise((resolve) => void server.close(() => resolve()));
}

/** Asks for what stands in Temporal's database: the server alone says that it is well without it, too. */
export async function temporalAnswers(client: Client): Promise<boolean> {
  const { namespace } = client.options;
  const ask = () => client.workflowService.describeNamespace({ namespace });
  return await client.withDeadline(Date.now() + patience, ask).then(
    () => true,
    () => false,
  );
}
