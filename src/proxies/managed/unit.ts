import { createHash } from 'node:crypto';
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
/** So that names of any length, as marks, have room beside it. */
const LONGEST_HOME = LONGEST_SOCKET - '/proxies/12345678/12345678/99/master.sock'.length;

/** Under a mark where the names leave no room for a socket. */
export function proxyFolder({ home, platform, name }: ManagedKey): string {
  const folder = join(home, 'proxies', platform, name);
  return hasRoom(join(folder, mark(''))) ? folder : join(home, 'proxies', mark(`${platform}/${name}`));
}

const hasRoom = (folder: string): boolean => join(folder, '99', 'master.sock').length <= LONGEST_SOCKET;

const mark = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);

export type UnitPaths = ReturnType<typeof unitPaths>;

/** Throws `input-invalid` where no socket of the unit could be opened. */
export function refuseLongPaths(key: ManagedKey, unit: string): void {
  const { folder } = unitPaths(key, unit);
  if (hasRoom(folder)) return;
  throw new BelayError('input-invalid', `${folder} is too long a path for HAProxy's sockets`, {
    hint: `set BELAY_HOME to a path of ${LONGEST_HOME} characters or fewer, such as /var/lib/belay`,
  });
}

/** Where a unit's files are; the same on the host and in its containers. */
export function unitPaths(key: ManagedKey, unit: string) {
  const whole = join(proxyFolder(key), unit);
  const folder = hasRoom(whole) ? whole : join(proxyFolder(key), mark(unit));
  const own = (generation: number) => join(folder, String(generation));
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
