#!/usr/bin/env node
import { run } from './run';
import { processTerminal } from './terminal';

// A reader such as `head` may have had enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

let interrupted: AbortSignal | undefined;

void run(process.argv.slice(2), {
  terminal: processTerminal(),
  env: process.env,
  cwd: process.cwd(),
  get interrupted() {
    interrupted ??= untilInterrupted();
    return interrupted;
  },
  code: 0,
}).then((code) => process.exit(code));

/** By convention of a program that Ctrl-C has ended. */
const endedByInterrupt = 130;

/**
 * Only for commands that ask: Ctrl-C ends the others at once. The second one ends all. The listener stays: where it is
 * gone, the one that shows the cursor again ends the process before anything is said.
 */
function untilInterrupted(): AbortSignal {
  const interrupt = new AbortController();
  process.on('SIGINT', () => (interrupt.signal.aborted ? process.exit(endedByInterrupt) : interrupt.abort()));
  return interrupt.signal;
}
