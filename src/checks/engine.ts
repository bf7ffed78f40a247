import type { EngineFacts } from '../runtimes/runtime';
import { type Finding, fail, ok } from './finding';

/** The API of Docker Engine 20.10. */
const leastApi = [1, 41];

/** Checks if the engine has the API that Belay uses. Pure. */
export function engineFinding({ name, api }: Pick<EngineFacts, 'name' | 'api'>): Finding {
  if (isAtLeast(api, leastApi)) return ok('engine', name);
  return fail(
    'engine',
    `${name} is too old: it has API ${api}, and Belay needs ${leastApi.join('.')}`,
    'install Docker Engine 20.10 or later',
  );
}

/** Tells if a version is recent enough by its first two numbers: `2.26.1-4` is at least 2.20. Pure. */
export function isAtLeast(version: string, [major = 0, minor = 0]: number[]): boolean {
  const [first = 0, second = 0] = version.split(/[.-]/).map(Number);
  return first > major || (first === major && second >= minor);
}
