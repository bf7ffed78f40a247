import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { BelayError } from '../../errors';
import { packageRoot } from '../../package-root';

/**
 * Returns the `temporal` program: BELAY_TEMPORAL, else on PATH, else from `scripts/setup.sh`. Throws with the way to
 * get it.
 */
export function temporalProgram(env: NodeJS.ProcessEnv): string {
  if (env.BELAY_TEMPORAL !== undefined) return named(env.BELAY_TEMPORAL);
  const folders = [...(env.PATH ?? '').split(delimiter).filter(Boolean), join(packageRoot, '.tools', 'bin')];
  const found = folders.map((folder) => join(folder, 'temporal')).find(isProgram);
  if (found) return found;
  throw new BelayError('input-invalid', 'the program temporal is not on this machine', {
    hint: 'get it (https://docs.temporal.io/cli, or scripts/setup.sh in a checkout), put it on PATH or name it in BELAY_TEMPORAL',
  });
}

function named(path: string): string {
  if (isProgram(path)) return resolve(path);
  throw new BelayError('input-invalid', `BELAY_TEMPORAL: ${path} is no program`, {
    hint: 'name the temporal command: https://docs.temporal.io/cli',
  });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
