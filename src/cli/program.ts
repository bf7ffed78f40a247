import { Command } from 'commander';
import { version } from '../package-root';
import { registerApprove } from './commands/approve';
import { registerBackup } from './commands/backup';
import { registerCheck } from './commands/check';
import { registerCompletion } from './commands/completion';
import { registerDoctor } from './commands/doctor';
import { registerDrill } from './commands/drill';
import { registerDrop } from './commands/drop';
import { registerHistory } from './commands/history';
import { registerInit } from './commands/init';
import { registerLogs } from './commands/logs';
import { registerMigrate } from './commands/migrate';
import { registerPause } from './commands/pause';
import { registerPlan } from './commands/plan';
import { registerPrune } from './commands/prune';
import { registerPs } from './commands/ps';
import { registerReject } from './commands/reject';
import { registerRelease } from './commands/release';
import { registerRestart } from './commands/restart';
import { registerRestore } from './commands/restore';
import { registerResume } from './commands/resume';
import { registerRetry } from './commands/retry';
import { registerRollback } from './commands/rollback';
import { registerSchema } from './commands/schema';
import { registerServe } from './commands/serve';
import { registerSet } from './commands/set';
import { registerSkip } from './commands/skip';
import { registerStatus } from './commands/status';
import { registerWorker } from './commands/worker';
import type { Context } from './context';
import { formatUsageError } from './format-error';

/** Order of the help: first verbs for beginners. */
const verbs = [
  registerInit,
  registerCheck,
  registerDoctor,
  registerPlan,
  registerRelease,
  registerRestart,
  registerSet,
  registerStatus,
  registerPs,
  registerLogs,
  registerApprove,
  registerReject,
  registerPause,
  registerResume,
  registerRetry,
  registerSkip,
  registerRollback,
  registerHistory,
  registerDrop,
  registerPrune,
  registerBackup,
  registerDrill,
  registerRestore,
  registerMigrate,
  registerServe,
  registerWorker,
  registerSchema,
  registerCompletion,
];

/** Creates the command `belay`. It never ends the process: it throws, or sets the code in the context. */
export function createProgram(context: Context): Command {
  const { terminal } = context;
  const program = new Command('belay')
    .description('Durable, reversible releases of services on plain hosts.')
    .version(version(), '-V, --version', 'print the version')
    .option('-f, --file <path>', 'the project folder, or its belay.yaml (default: the nearest one upwards)')
    .option('--address <host:port>', 'Temporal (default: TEMPORAL_ADDRESS, else that of belay serve)')
    .option('--namespace <name>', 'its namespace (default: TEMPORAL_NAMESPACE)')
    .option('--debug', 'show where an error came from')
    // Otherwise `release --version api=2` would print the version of the program.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.error(text.trimEnd()),
      outputError: (text, write) => write(formatUsageError(text, terminal.colors)),
    })
    .addHelpText('after', examples);
  for (const register of verbs) register(program, context);
  for (const verb of program.commands)
    verb.configureOutput({
      outputError: (text, write) => write(formatUsageError(text, terminal.colors, moreOf(verb, text))),
    });
  return program;
}

/** Returns the command to read or to write next. Some verbs take services as arguments, others by an option. */
function moreOf(verb: Command, text: string): string {
  const takesService = verb.options.some(({ long }) => long === '--service');
  return takesService && text.includes('too many arguments')
    ? `name a service by --service: belay ${verb.name()} --service NAME`
    : `belay ${verb.name()} --help`;
}

const examples = `
Examples:
  belay init        write a belay.yaml beside a Compose file
  belay check       read its files again, after an edit
  belay doctor      see what this machine still needs
  belay serve       Temporal, its Web UI and a worker, on this machine
  belay release     bring the hosts to what belay.yaml asks for`;
