import type { Command } from 'commander';
import type { Context } from '../context';
import { registerMessage } from '../message';

/** Registers `belay reject`: refuses the gate a release waits at. */
export const registerReject = (program: Command, context: Context): void =>
  registerMessage(program, context, {
    message: 'reject',
    description: 'refuse the gate where a release waits; it rolls back',
    done: 'it rolls back',
    examples: `  belay reject --reason "error rate is up"
  belay reject release/shop/…          a release by its id`,
  });
