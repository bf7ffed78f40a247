import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { BelayError } from '../errors';
import { errnoOf } from '../hosts/file';

/**
 * Adds the NAME=value lines of the file in BELAY_ENV_FILE to an environment; existing values stay. So a container has
 * settings that `docker inspect` does not show. Throws `input-invalid` if the file cannot be read.
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
