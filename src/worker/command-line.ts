import { join } from 'node:path';
import { runProgram } from '../run-program';

const main = join(__dirname, '..', 'cli', 'main.js');

/** Runs this Belay's command line as a process of its own, with the worker's environment. */
export async function commandLine(args: string[]): Promise<{ text: string; code: number }> {
  const { code, output, errors, why } = await runProgram({
    command: process.execPath,
    args: [main, ...args],
    env: { ...process.env, NO_COLOR: '1' },
    timeout: 110_000,
  });
  return { text: (output || errors || why).trimEnd(), code: typeof code === 'number' ? code : 1 };
}
