import type { Command } from 'commander';
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
}

/** What a verb does; it answers with its exit code. */
export type Act<O> = (options: O & Common, ...args: string[]) => Promise<number>;

/** Gives a verb its options and its action; commander hands over arguments, options and the command itself. */
export function does<O>(command: Command, context: Context, act: Act<O>): void {
  command
    .option('-f, --file <path>', 'the project folder, or its belay.yaml (default: the nearest one upwards)')
    .option('--debug', 'show where an error came from')
    .action(async (...given: unknown[]) => {
      const args = given.slice(0, -2).flat() as string[];
      context.code = await act(command.optsWithGlobals<O & Common>(), ...args);
    });
}
