#!/usr/bin/env node
import { run } from './run';
import { processTerminal } from './terminal';

// A reader such as `head` may close the pipe early.
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
}).then(async (code) => {
  await Promise.all([process.stdout, process.stderr].map(written));
  process.exit(code);
});

/** Resolves once a slow reader of the pipe has all of it: an exit would cut what is still to be written. */
function written(output: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => output.write('', () => resolve()));
}

/** The conventional exit code after Ctrl-C. */
const endedByInterrupt = 130;

/**
 * Only for commands that read it: Ctrl-C ends the others at once. A second Ctrl-C ends all. The listener stays: without
 * it, the cursor's own listener would end the process before any output.
 */
function untilInterrupted(): AbortSignal {
  const interrupt = new AbortController();
  process.on('SIGINT', () => (interrupt.signal.aborted ? process.exit(endedByInterrupt) : interrupt.abort()));
  return interrupt.signal;
}
