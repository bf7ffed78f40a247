import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** Runs a program until it ends or the signal, and tells each line of its output and its errors. Never throws. */
export async function linesOf(
  [command = '', ...args]: string[],
  signal: AbortSignal,
  tell: (line: string) => void,
): Promise<void> {
  const execa = require('execa') as typeof import('execa');
  const child = execa(command, args, { buffer: false, reject: false, stdin: 'ignore' });
  const ended = child.catch((error: NodeJS.ErrnoException) => error);
  const end = () => void child.kill();
  signal.addEventListener('abort', end, { once: true });
  if (child.pid !== undefined) await Promise.all([tellAll(child.stdout, tell), tellAll(child.stderr, tell)]);
  const { code } = (await ended) as { code?: string };
  signal.removeEventListener('abort', end);
  if (child.pid === undefined) tell(`${command} cannot be started: ${code}`);
}

async function tellAll(output: Readable | null, tell: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: output! })) tell(line);
}
