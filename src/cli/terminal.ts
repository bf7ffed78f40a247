import pc from 'picocolors';

export type Colors = ReturnType<typeof pc.createColors>;

/** Where a command writes. Standard output takes what was asked for, standard error what went wrong. */
export interface Terminal {
  /** One line, or several. */
  out(text: string): void;
  error(text: string): void;
  /** Standard output is a terminal, so what is shown may change. */
  live: boolean;
  colors: Colors;
  /** Asks the person at the terminal for a line; absent where there is none. Ctrl-C answers with an empty one. */
  ask?(question: string): Promise<string>;
}

/** The terminal of this process. NO_COLOR and a standard output that is no terminal mean plain text; FORCE_COLOR overrules the latter. */
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
