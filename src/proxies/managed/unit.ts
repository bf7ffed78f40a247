import { join } from 'node:path';
import { BelayError } from '../../errors';
import { backendsOf, type ManagedRoute } from './route';

/** Which managed proxy, on which host. */
export interface ManagedKey {
  /** BELAY_HOME. */
  home: string;
  platform: string;
  name: string;
}

/** The part of a managed proxy that has an address of its own: one service, or several that share a published port. */
export interface Unit {
  name: string;
  routes: ManagedRoute[];
}

/** HAProxy binds under a longer name first, and a socket's path has room for 107 bytes. */
const LONGEST_SOCKET = 90;

export const proxyFolder = ({ home, platform, name }: ManagedKey): string => join(home, 'proxies', platform, name);

export type UnitPaths = ReturnType<typeof unitPaths>;

/** Where a unit's files are; the same on the host and in its containers. Throws `input-invalid` for a path too long. */
export function unitPaths(key: ManagedKey, unit: string) {
  const folder = join(proxyFolder(key), unit);
  const own = (generation: number) => join(folder, String(generation));
  if (join(own(99), 'master.sock').length > LONGEST_SOCKET)
    throw new BelayError('input-invalid', `${folder} is too long a path for HAProxy's sockets`, {
      hint: 'Set BELAY_HOME to a shorter path, or give platform, proxy or service a shorter name.',
    });
  return {
    folder,
    stateFile: join(folder, 'server-state'),
    setsFile: join(folder, 'sets.map'),
    generation: own,
    config: (generation: number) => join(own(generation), 'haproxy.cfg'),
    socket: (generation: number) => join(own(generation), 'admin.sock'),
    /** Leads to the socket of the one that it takes over from, while it does. */
    former: (generation: number) => join(own(generation), 'former.sock'),
    master: (generation: number) => join(own(generation), 'master.sock'),
    /** When it was asked to end, while it may still hold something. */
    leaving: (generation: number) => join(own(generation), 'leaving'),
  };
}

/**
 * Routes by unit, in the order of the first route of each; named by its first service. Throws `spec-invalid` where a port
 * of the host would have to lead to two ports.
 */
export function unitsOf(routes: ManagedRoute[]): Unit[] {
  for (const one of routes) {
    const other = routes.find(({ hostPort, port }) => hostPort && hostPort === one.hostPort && port !== one.port);
    if (other)
      throw new BelayError(
        'spec-invalid',
        `${one.service} and ${other.service} publish the same port ${one.hostPort}`,
        {
          hint: 'Let both listen on the same port inside, or publish them on two ports.',
        },
      );
  }
  const units: Unit[] = [];
  for (const route of routes) {
    const related = units.filter((unit) => unit.routes.some((other) => belongTogether(route, other)));
    const [first, ...others] = related;
    if (!first) units.push({ name: route.service, routes: [route] });
    else {
      first.routes.push(...others.flatMap((unit) => unit.routes), route);
      for (const other of others) units.splice(units.indexOf(other), 1);
    }
  }
  return units;
}

const belongTogether = (one: ManagedRoute, other: ManagedRoute): boolean =>
  one.service === other.service || (one.hostPort !== undefined && one.hostPort === other.hostPort);

/** Each backend's unit. Throws `spec-invalid` where two routes have one backend. */
export function backendsByUnit(units: Unit[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { name, routes } of units)
    for (const backend of routes.flatMap(backendsOf)) {
      if (found[backend] !== undefined)
        throw new BelayError('spec-invalid', `two routes have the backend ${backend}`, {
          hint: 'Give each route a backend of its own.',
        });
      found[backend] = name;
    }
  return found;
}
