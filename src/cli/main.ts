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

/** Only for commands that ask: Ctrl-C ends the others at once. The second one ends all. */
function untilInterrupted(): AbortSignal {
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  return interrupt.signal;
}
