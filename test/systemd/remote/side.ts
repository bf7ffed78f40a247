import { createInterface } from 'node:readline';
import { errorOf, failureOf, lineOf, type Message, messageOf, type Reference, type Replace, replaced } from './values';

/** The program in the machine: loads a module, and calls what it is told to until its input ends. */

type Called = (...args: unknown[]) => unknown;

/** Functions by their number; the first one opens a module. */
const functions: Called[] = [
  (module, name, args) =>
    (require(module as string) as Record<string, Called>)[name as string]!(...(args as unknown[])),
];
const signals = new Map<number, AbortController>();

const replace: Replace = {
  function(value, name, owner) {
    const id = functions.push((...args) => value.apply(owner, args)) - 1;
    return { refersTo: 'function', id, name } satisfies Reference;
  },
  signal: (value) => value,
  reference({ id, reason }) {
    const controller = new AbortController();
    if (reason) controller.abort(errorOf(reason));
    else signals.set(id, controller);
    return controller.signal;
  },
};

const tell = (message: Message) => process.stdout.write(`${lineOf(message)}\n`);

async function answer(message: Extract<Message, { call: number }>): Promise<void> {
  try {
    const args = replaced(message.args, replace) as unknown[];
    const value = await functions[message.function]!(...args);
    tell({ answer: message.call, value: replaced(value, replace) });
  } catch (error) {
    tell({ answer: message.call, failure: failureOf(error) });
  }
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const message = messageOf(line);
    if ('abort' in message) signals.get(message.abort)?.abort(errorOf(message.reason));
    if ('call' in message) void answer(message);
  })
  .on('close', () => process.exit());
