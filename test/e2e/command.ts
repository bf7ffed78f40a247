import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fromSetup } from '../../testbed/root';
import type { Stage } from './stage';

/** Runs `belay …` in the platform's folder without a terminal, and returns its end. */
export async function belay(
  { bed, platform }: Pick<Stage, 'bed' | 'platform'>,
  ...args: string[]
): Promise<{ code: number; out: string; err: string }> {
  const env = { ...process.env, TEMPORAL_ADDRESS: bed.temporal.address, BELAY_HOME: platform.home };
  const argv = [fromSetup('dist', 'src', 'cli', 'main.js'), ...args];
  return await promisify(execFile)(process.execPath, argv, { env, cwd: platform.folder }).then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
    (error) => ({ code: error.code, out: error.stdout, err: error.stderr }),
  );
}
