import type { InitProxy } from '../../spec/init/proxies';
import { findHaproxy } from './haproxy';
import { findNginx } from './nginx';

/** A service, and the ports at which the host reaches it. */
export interface Led {
  name: string;
  listens: Array<{ port: number; published: string[] }>;
}

/** The proxy of a first spec, also in words for people. */
export interface FoundProxy {
  proxy?: InitProxy;
  found: string;
  todo: string[];
}

interface ProxySearch {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** HAProxy's configuration file and socket, from the user. */
  named?: string;
  socket?: string;
  /** Absent without a Compose file and units. */
  services?: Led[];
}

/**
 * Returns the HAProxy that is named; else one of this host's that leads to a service: HAProxy, then nginx. Else it is
 * one that Belay runs, if there are services. Throws `input-invalid` for a named one that cannot be read.
 */
export async function findProxy({ env, services, ...search }: ProxySearch): Promise<FoundProxy> {
  const { haproxy, found, todo } = findHaproxy({ ...search, services: services?.map(({ name }) => name) });
  if (!services || (haproxy !== undefined && haproxy !== 'managed')) return { proxy: haproxy, found, todo };
  const { nginx, ...other } = await findNginx({ env, services });
  if (nginx) return { proxy: nginx, ...other };
  return { proxy: haproxy, found: [found, other.found].filter(Boolean).join('; '), todo: other.todo };
}
