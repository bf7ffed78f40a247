import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { BelayError } from '../errors';
import { errnoOf } from '../hosts/file';

/**
 * Adds what the file that BELAY_ENV_FILE names says, in lines of NAME=value, to an environment; what has a value there stays.
 * So a container has settings that `docker inspect` does not show. Throws `input-invalid` where the file cannot be read.
 */
export function useEnvironmentFile(env: NodeJS.ProcessEnv): void {
  const path = env.BELAY_ENV_FILE;
  if (!path) return;
  for (const [name, value] of Object.entries(parseEnv(contentOf(path)))) if (!env[name]) env[name] = value;
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new BelayError('input-invalid', `BELAY_ENV_FILE: ${path} cannot be read (${errnoOf(cause)})`, {
      hint: 'write lines of NAME=value into it, or unset BELAY_ENV_FILE',
      cause,
    });
  }
}
