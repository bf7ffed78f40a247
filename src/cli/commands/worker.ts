import type { Command } from 'commander';
import { type Common, type Context, does } from '../context';
import { exitCodes } from '../exit-codes';
import { specFolders } from '../project';
import { useServed } from '../serve/state';

interface WorkerOptions extends Common {
  host?: string;
}

/** Registers `belay worker`: runs the worker of this host, in the foreground. */
export function registerWorker(program: Command, context: Context): void {
  const command = program
    .command('worker')
    .description('carry out releases on this host, in the foreground; SIGTERM and Ctrl-C stop it cleanly')
    .option('--host <name>', "the host's name (default: BELAY_HOST, else one made from its machine id)")
    .addHelpText('after', examples);
  does<WorkerOptions>(command, context, (options) => runWorker(context, options));
}

const examples = `
Examples:
  belay worker                                      serves the belay.yaml of this folder, or of the nearest one upwards
  BELAY_SPECS=/srv/shop:/srv/blog belay worker      serves those of these folders
  TEMPORAL_ADDRESS=temporal:7233 belay worker --host web-1`;

async function runWorker(context: Context, options: WorkerOptions): Promise<number> {
  const { env, cwd, terminal } = context;
  const { host } = options;
  useServed(env);
  // Load it only here: it brings a native library.
  const { startWorker } = require('../../worker/start') as typeof import('../../worker/start');
  const { workerConfig } = require('../../worker/config') as typeof import('../../worker/config');
  const { connectOptions } = require('../../client/connect') as typeof import('../../client/connect');
  const own = { BELAY_SPECS: specFolders(context, options), ...(host && { BELAY_HOST: host }) };
  const config = workerConfig({ ...env, ...own }, cwd);
  const worker = await startWorker({ config });
  terminal.error(`worker of ${config.host} at Temporal ${connectOptions().address}, for ${config.specs.join(', ')}`);
  await worker.run();
  return exitCodes.ok;
}
