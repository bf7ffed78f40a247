import type { Command } from 'commander';
import type { Context } from '../context';
import { registerMessage } from '../message';

/** Registers `belay skip`: goes on without a failed test (validate), or without the rest of a drain or a soak. */
export const registerSkip = (program: Command, context: Context): void =>
  registerMessage(program, context, {
    message: 'skip',
    description: 'go on without a failed test (validate), or without the rest of a drain or a soak',
    done: 'it goes on without',
    steps: true,
    examples: `  belay skip --step 9 --reason "known to be slow"
  belay skip                           every step that can be skipped now`,
  });
