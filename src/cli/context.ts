import { type Command, Option } from 'commander';
import type { Terminal } from './terminal';

/** Surroundings of a command; tests give their own. */
export interface Context {
  terminal: Terminal;
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Ctrl-C aborts it; a command that reads this has to end by itself then. */
  readonly interrupted: AbortSignal;
  /** Exit code of the command. */
  code: number;
}

/** Options that every verb takes. */
export interface Common {
  /** Project folder, or its belay.yaml. */
  file?: string;
  debug?: boolean;
  /** Temporal's address, host:port. */
  address?: string;
  namespace?: string;
}

/** Action of a verb; it returns the exit code. */
export type Act<O> = (options: O & Common, ...args: string[]) => Promise<number>;

const aboutFile = 'the project folder, or its belay.yaml (default: the nearest one upwards)';

/** Gives a verb its options and its action; commander hands over arguments, options and the command itself. */
export function does<O>(command: Command, context: Context, act: Act<O>, file = aboutFile): void {
  command
    .option('-f, --file <path>', file)
    .option('--debug', 'show where an error came from')
    // The program's own help lists them, and they work after the verb too.
    .addOption(new Option('--address <host:port>').hideHelp())
    .addOption(new Option('--namespace <name>').hideHelp())
    .action(async (...given: unknown[]) => {
      const args = given.slice(0, -2).flat() as string[];
      const options = command.optsWithGlobals<O & Common>();
      reach(context, options);
      context.code = await act(options, ...args);
    });
}

/** Options override the environment. */
function reach({ env }: Context, { address, namespace }: Common): void {
  if (address !== undefined) env.TEMPORAL_ADDRESS = address;
  if (namespace !== undefined) env.TEMPORAL_NAMESPACE = namespace;
}
