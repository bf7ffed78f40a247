import { createServer } from 'node:http';
import type { Worker } from '@temporalio/worker';

/** GET /health on loopback: 200 while every worker polls, else 503; says for which task queues. */
export async function serveHealth(port: number, workers: Worker[]): Promise<() => Promise<void>> {
  const server = createServer((_request, response) => {
    const states = workers.map((worker) => ({ taskQueue: worker.options.taskQueue, state: worker.getState() }));
    const well = states.every((one) => one.state === 'RUNNING');
    response
      .writeHead(well ? 200 : 503, { 'content-type': 'application/json' })
      .end(JSON.stringify({ healthy: well, workers: states }));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return () => new Promise((resolve) => void server.close(() => resolve()));
}
