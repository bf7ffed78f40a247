import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { BelayError } from '../../../errors';
import type { ManagedRoute } from './route';

/** Names a managed proxy on its host. */
export interface ManagedKey {
  /** BELAY_HOME. */
  home: string;
  platform: string;
  name: string;
}

/** The part of a managed proxy that has an address of its own, and serves one service. */
export interface Unit {
  /** Name of the service. */
  name: string;
  /** Routes, each at a port of its own. */
  routes: ManagedRoute[];
}

/** HAProxy binds under a longer name first, and a socket's path has room for 107 bytes. */
const LONGEST_SOCKET = 90;
/** Leaves room for names of any length, as marks. */
const LONGEST_HOME = LONGEST_SOCKET - '/proxies/12345678/12345678/99/master.sock'.length;

/** Returns the proxy's folder: a digest replaces names that leave no room for a socket. */
export function proxyFolder({ home, platform, name }: ManagedKey): string {
  const folder = join(home, 'proxies', platform, name);
  return hasRoom(join(folder, mark(''))) ? folder : join(home, 'proxies', mark(`${platform}/${name}`));
}

const hasRoom = (folder: string): boolean => join(folder, '99', 'master.sock').length <= LONGEST_SOCKET;

const mark = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);

export type UnitPaths = ReturnType<typeof unitPaths>;

/** Throws `input-invalid` if no socket of the unit could be opened. */
export function refuseLongPaths(key: ManagedKey, unit: string): void {
  const { folder } = unitPaths(key, unit);
  if (hasRoom(folder)) return;
  throw new BelayError('input-invalid', `${folder} is too long a path for HAProxy's sockets`, {
    hint: `set BELAY_HOME to a path of ${LONGEST_HOME} characters or fewer, such as /var/lib/belay`,
  });
}

/** Returns the paths of a unit's files; the same on the host and in its containers. */
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
    /** Socket of the HAProxy that it takes over from, during the take-over. */
    former: (generation: number) => join(own(generation), 'former.sock'),
    master: (generation: number) => join(own(generation), 'master.sock'),
    /** Time of its dismissal, while it may still hold connections. */
    leaving: (generation: number) => join(own(generation), 'leaving'),
  };
}

/** Groups routes by unit, in the order of the first route of each. */
export function unitsOf(routes: ManagedRoute[]): Unit[] {
  const names = [...new Set(routes.map(({ service }) => service))];
  return names.map((name) => ({ name, routes: routes.filter(({ service }) => service === name) }));
}
