import { asBelayError } from '../errors';
import { workerConfig } from './config';
import { startWorker } from './start';

/** The worker as a process of its own: `node dist/src/worker/main.js`, configured by its environment. */
async function main(): Promise<void> {
  const worker = await startWorker({ config: workerConfig(process.env) });
  process.stderr.write('worker: ready\n');
  await worker.run();
}

main().catch((error: unknown) => {
  const { message, hint } = asBelayError(error);
  process.stderr.write(`worker: ${message}${hint ? ` — ${hint}` : ''}\n`);
  // Half-created workers would keep the process alive.
  process.exit(1);
});
