import { type Command, Option } from 'commander';
import type { Terminal } from './terminal';

/** What surrounds a command; tests give their own. */
export interface Context {
  terminal: Terminal;
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Aborted by Ctrl-C; a command that reads this has to end by itself then. */
  readonly interrupted: AbortSignal;
  /** What the command ends with. */
  code: number;
}

/** Options that every verb takes. */
export interface Common {
  /** A project folder, or the belay.yaml in it. */
  file?: string;
  debug?: boolean;
  /** Of Temporal, host:port. */
  address?: string;
  namespace?: string;
}

/** What a verb does; it answers with its exit code. */
export type Act<O> = (options: O & Common, ...args: string[]) => Promise<number>;

/** Gives a verb its options and its action; commander hands over arguments, options and the command itself. */
export function does<O>(command: Command, context: Context, act: Act<O>): void {
  command
    .option('-f, --file <path>', 'the project folder, or its belay.yaml (default: the nearest one upwards)')
    .option('--debug', 'show where an error came from')
    // Told in the program's own help, and taken after the verb too.
    .addOption(new Option('--address <host:port>').hideHelp())
    .addOption(new Option('--namespace <name>').hideHelp())
    .action(async (...given: unknown[]) => {
      const args = given.slice(0, -2).flat() as string[];
      const options = command.optsWithGlobals<O & Common>();
      reach(context, options);
      context.code = await act(options, ...args);
    });
}

/** What is said here goes before what the environment says. */
function reach({ env }: Context, { address, namespace }: Common): void {
  if (address !== undefined) env.TEMPORAL_ADDRESS = address;
  if (namespace !== undefined) env.TEMPORAL_NAMESPACE = namespace;
}
