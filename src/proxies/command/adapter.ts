import { isAbsolute } from 'node:path';
import type { CommandSpec } from '../../spec/proxies';
import type { ProxyAdapter, ProxyDeps } from '../proxy';
import { commandProxy } from '.';

/** Creates the adapter of a balancer behind the user's own commands. */
export function commandAdapter(spec: CommandSpec, { lock }: ProxyDeps): Omit<ProxyAdapter, 'capabilities'> {
  const place = placeOf(spec);
  return {
    place,
    open: ({ name }) => commandProxy({ spec, name, locked: (act) => lock(place, act) }),
  };
}

/** Who looks at the same members has the same balancer. A program of the folder is another one in another folder. */
function placeOf({ folder = '', observe }: CommandSpec): string {
  return ['command:', ...(isAbsolute(observe[0]!) ? [] : [folder]), ...observe].join(' ');
}
