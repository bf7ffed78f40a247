import { execFile } from 'node:child_process';
import { join } from 'node:path';

const main = join(__dirname, '..', 'cli', 'main.js');

/** Runs this Belay's command line as a process of its own, with the worker's environment. */
export function commandLine(args: string[]): Promise<{ text: string; code: number }> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, NO_COLOR: '1' }, timeout: 110_000, maxBuffer: 1024 * 1024 };
    const child = execFile(process.execPath, [main, ...args], options, (error, out, errors) =>
      resolve({ text: (out || errors || (error?.message ?? '')).trimEnd(), code: child.exitCode ?? 1 }),
    );
  });
}
