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
}

/** The terminal of this process. NO_COLOR and a standard output that is no terminal mean plain text; FORCE_COLOR overrules the latter. */
export function processTerminal(env: NodeJS.ProcessEnv = process.env): Terminal {
  const live = process.stdout.isTTY === true && env.TERM !== 'dumb';
  return {
    out: (text) => void process.stdout.write(`${text}\n`),
    error: (text) => void process.stderr.write(`${text}\n`),
    live,
    colors: pc.createColors(pc.isColorSupported && (live || env.FORCE_COLOR !== undefined)),
  };
}
