import { CommanderError } from 'commander';
import { asBelayError, type BelayError } from '../errors';
import type { Context } from './context';
import { useEnvironmentFile } from './environment-file';
import { exitCodeOfError, exitCodes } from './exit-codes';
import { errorRecord, formatError } from './format-error';
import { jsonLine } from './json-lines';
import { createProgram } from './program';

/** Runs one command line (without node and the program) and returns its exit code. Never throws. */
export async function run(argv: string[], context: Context): Promise<number> {
  try {
    useEnvironmentFile(context.env);
    await createProgram(context).parseAsync(argv, { from: 'user' });
    return context.code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.wrongInput;
    return report(asBelayError(error), argv, context);
  }
}

function report(error: BelayError, argv: string[], { terminal }: Context): number {
  if (argv.includes('--json')) terminal.out(jsonLine('error', errorRecord(error)));
  terminal.error(formatError(error, terminal.colors));
  if (argv.includes('--debug')) terminal.error(stackOf(error));
  return exitCodeOfError(error.code);
}

/** Adds the stacks of its causes. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return [error.stack, ...(error.cause === undefined ? [] : [`caused by ${stackOf(error.cause)}`])].join('\n');
}
