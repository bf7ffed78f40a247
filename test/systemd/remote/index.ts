import type { Machine } from '../../../testbed/systemd/machine';
import { openCalls } from './calls';
import { failureOf, type Reference, type Replace, replaced } from './values';

export interface RemoteOptions {
  /** A module in the machine: `/opt/belay/dist/src/index.js`. */
  module: string;
  /** Its function that returns the object, or a promise of it. */
  name: string;
  /** Plain data. */
  args?: unknown[];
  /** Names of methods, at any depth, that answer at once: this process waits meanwhile. Others return promises. */
  sync?: string[];
}

export interface Remote<T> {
  /** Has the data of the object in the machine, and its methods; and so have objects that methods return. */
  object: T;
  /** Ends the program in the machine. The end of the machine does so, too. */
  end(): Promise<void>;
}

const side = '/opt/belay/dist/test/systemd/remote/side.js';

/**
 * Makes an object in a machine, by code that is there. Its methods run there. They take plain data and signals, and
 * throw what they throw there.
 */
export async function remote<T extends object>(machine: Machine, options: RemoteOptions): Promise<Remote<T>> {
  const { module, name, args = [], sync = [] } = options;
  const calls = openCalls({
    command: 'docker',
    args: ['exec', '--interactive', machine.container, 'node', side],
    name: `${name} of ${module} on ${machine.name}`,
  });
  let signals = 0;
  const replace: Replace = {
    function(_value, key) {
      throw new Error(`${key}: a function cannot go into a machine; let a module there make it`);
    },
    signal(value) {
      signals += 1;
      const id = signals;
      value.addEventListener('abort', () => calls.abort(id, value.reason), { once: true });
      return { refersTo: 'signal', id, reason: value.aborted ? failureOf(value.reason) : undefined } as Reference;
    },
    reference: ({ id, name = '' }) => (sync.includes(name) ? atOnce(id) : called(id)),
  };
  const sent = (given: unknown[]) => replaced(given, replace) as unknown[];
  const atOnce =
    (id: number) =>
    (...given: unknown[]) =>
      replaced(calls.atOnce(id, sent(given)), replace);
  const called =
    (id: number) =>
    async (...given: unknown[]) =>
      replaced(await calls.call(id, sent(given)), replace);
  const open = called(0);
  try {
    return { object: (await open(module, name, args)) as T, end: calls.end };
  } catch (error) {
    await calls.end();
    throw error;
  }
}
