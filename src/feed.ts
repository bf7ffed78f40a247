import type { Writable } from 'node:stream';

/** An input that is being written to a program. */
export interface Feeding {
  /** Throws the input's own error if it has failed by now. */
  check(): void;
  /** Reads the rest that the program had no use for: the end of an input tells whether it is whole. Throws its error. */
  readOn(): Promise<void>;
  /** Reads no more. */
  stop(): Promise<void>;
}

/**
 * Writes the input as fast as the program takes it, and then ends the program's input. An input that fails destroys the
 * connection with its error.
 */
export function feed(input: AsyncIterable<Uint8Array>, to: Writable): Feeding {
  const pieces = input[Symbol.asyncIterator]();
  let fault: unknown;
  const written = write(pieces, to).catch((error: unknown) => {
    fault = error;
    to.destroy(error as Error);
  });
  const check = () => {
    if (fault !== undefined) throw fault;
  };
  return {
    check,
    async readOn() {
      await written;
      check();
      while (!(await pieces.next()).done);
    },
    async stop() {
      await pieces.return?.();
      await written;
    },
  };
}

async function write(pieces: AsyncIterator<Uint8Array>, to: Writable): Promise<void> {
  for (;;) {
    const { value, done } = await pieces.next();
    if (done) break;
    if (!to.writable) return;
    if (!to.write(value)) await drained(to);
  }
  to.end();
}

/** Returns once the program takes more, or never will. */
const drained = (to: Writable): Promise<void> =>
  new Promise((resolve) => {
    const over = () => {
      to.off('drain', over).off('close', over);
      resolve();
    };
    to.on('drain', over).on('close', over);
    if (to.destroyed) over();
  });
