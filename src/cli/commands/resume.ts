import type { Command } from 'commander';
import type { Context } from '../context';
import { registerMessage } from '../message';

/** Registers `belay resume`: ends a pause. */
export const registerResume = (program: Command, context: Context): void =>
  registerMessage(program, context, {
    message: 'resume',
    description: 'go on after a pause',
    done: 'it goes on',
    examples: `  belay resume
  belay resume release/shop/…          a release by its id`,
  });
