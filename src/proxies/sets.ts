import { BelayError } from '../errors';
import type { Proxy, ProxySets } from './proxy';

/** Returns the backends of a key's two sets of servers. */
export const setNames = (key: string): [string, string] => [`${key}-blue`, `${key}-green`];

/** Returns the proxy's sets. Throws `proxy-refused` if it has none. */
export function setsOf({ sets }: Proxy, name: string): ProxySets {
  if (sets) return sets;
  throw new BelayError('proxy-refused', `proxy ${name} cannot switch from one set of servers to another`, {
    hint: 'let the route lead through another proxy, or write another strategy',
  });
}
