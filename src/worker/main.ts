import { asBelayError } from '../errors';
import { workerConfig } from './config';
import { startWorker } from './start';

/** The worker as a process of its own: `node dist/src/worker/main.js`, configured by its environment. */
startWorker({ config: workerConfig(process.env) })
  .then((worker) => {
    process.stderr.write('worker: ready\n');
    return worker.run();
  })
  .catch((error: unknown) => {
    const { message, hint } = asBelayError(error);
    process.stderr.write(`worker: ${message}${hint ? ` — ${hint}` : ''}\n`);
    process.exitCode = 1;
  });
