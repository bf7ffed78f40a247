import type { Command } from 'commander';
import type { Context } from '../context';
import { registerMessage } from '../message';

/** Registers `belay approve`: lets a release pass the gate it waits at. */
export const registerApprove = (program: Command, context: Context): void =>
  registerMessage(program, context, {
    message: 'approve',
    description: 'let a release pass the gate where it waits',
    done: 'it goes on',
    steps: true,
    examples: `  belay approve                        the gate that the platform's release waits at
  belay approve --by ana --reason "looks good"
  belay approve release/shop/…         a release by its id`,
  });
