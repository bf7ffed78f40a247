import pc from 'picocolors';

export type Colors = ReturnType<typeof pc.createColors>;

/** Output of a command: results on standard output, errors on standard error. */
export interface Terminal {
  /** Writes one line, or several. */
  out(text: string): void;
  error(text: string): void;
  /** True if standard output is a terminal, so its text may change. */
  live: boolean;
  colors: Colors;
  /** Asks the operator at the terminal for a line; absent without a terminal. Ctrl-C returns an empty line. */
  ask?(question: string): Promise<string>;
}

/**
 * Returns the terminal of this process. NO_COLOR, or a standard output that is no terminal, means plain text;
 * FORCE_COLOR overrules the latter.
 */
export function processTerminal(env: NodeJS.ProcessEnv = process.env): Terminal {
  const live = process.stdout.isTTY === true && env.TERM !== 'dumb';
  return {
    out: (text) => void process.stdout.write(`${text}\n`),
    error: (text) => void process.stderr.write(`${text}\n`),
    live,
    ...(live && process.stdin.isTTY && { ask }),
    colors: pc.createColors(pc.isColorSupported && (live || env.FORCE_COLOR !== undefined)),
  };
}

async function ask(question: string): Promise<string> {
  const { createInterface } = require('node:readline') as typeof import('node:readline');
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await new Promise((resolve) => {
      reader.once('close', () => resolve(''));
      reader.question(question, resolve);
    });
  } finally {
    reader.close();
  }
}
