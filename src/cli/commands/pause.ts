import type { Command } from 'commander';
import type { Context } from '../context';
import { registerMessage } from '../message';

/** Registers `belay pause`: running steps finish, no new step starts. */
export const registerPause = (program: Command, context: Context): void =>
  registerMessage(program, context, {
    message: 'pause',
    description: 'let what runs finish, and start nothing new',
    done: 'nothing new starts until belay resume',
    examples: `  belay pause --reason "let us look at the graphs"
  belay pause release/shop/…           a release by its id`,
  });
