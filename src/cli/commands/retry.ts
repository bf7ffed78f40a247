import type { Command } from 'commander';
import type { Context } from '../context';
import { registerMessage } from '../message';

/** Registers `belay retry`: tries failed steps again. */
export const registerRetry = (program: Command, context: Context): void =>
  registerMessage(program, context, {
    message: 'retry',
    description: 'try the steps again that failed and hold the release',
    done: 'it tries again',
    steps: true,
    examples: `  belay retry                          every step that failed
  belay retry --step 7                 the one with this number in the plan; u2 is one of the rollback`,
  });
