import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { fromSetup } from '../../testbed/root';
import type { Stage } from './stage';

type Place = Pick<Stage, 'bed' | 'platform'>;

const main = fromSetup('dist', 'src', 'cli', 'main.js');
const placeOf = ({ bed, platform }: Place) => ({
  env: { ...process.env, TEMPORAL_ADDRESS: bed.temporal.address, BELAY_HOME: platform.home },
  cwd: platform.folder,
});

/** Starts `belay …` there. `interrupt` is Ctrl-C, and returns the exit code. */
export function follow(stage: Place, ...args: string[]) {
  const child = spawn(process.execPath, [main, ...args], { ...placeOf(stage), stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  return {
    out: () => out,
    async interrupt(): Promise<number | null> {
      const exited = once(child, 'exit');
      child.kill('SIGINT');
      await exited;
      return child.exitCode;
    },
  };
}

/** Runs `belay …` in the platform's folder without a terminal, and returns its end. */
export async function belay(stage: Place, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return await promisify(execFile)(process.execPath, [main, ...args], placeOf(stage)).then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
    (error) => ({ code: error.code, out: error.stdout, err: error.stderr }),
  );
}
