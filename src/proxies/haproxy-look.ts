import { BelayError } from '../errors';
import type { Haproxy, HaproxyPlace } from './haproxy';
import { ask, read, refused } from './haproxy-api';
import { parseServersState, parseStat, type ServerState } from './haproxy-parse';
import { type HaproxyServer, mergeServers, waitName, withTwins } from './haproxy-servers';
import { leavingStats, oldWorkerStats } from './haproxy-workers';
import type { ServerRef } from './proxy';

const NAME = /^[A-Za-z0-9_.:-]+$/;
const STATES = '1\n#';

type Looked = Pick<Haproxy, 'locate' | 'addressing'>;

/** One server as it is. Throws `proxy-refused` where the backend has none of that name. */
export async function serverOf(haproxy: Looked, ref: ServerRef): Promise<HaproxyServer> {
  const found = (await serversOf(haproxy, ref.backend)).find(({ server }) => server === ref.server);
  if (found) return found;
  throw new BelayError('proxy-refused', `HAProxy's backend ${ref.backend} has no server ${ref.server}`, {
    hint: 'Run "belay doctor": it shows the server-template line that Belay needs.',
  });
}

/** The servers of a backend, each with its twin where the backend has one in which requests wait. */
export async function serversOf(haproxy: Looked, backend: string): Promise<HaproxyServer[]> {
  if (!NAME.test(backend))
    throw new BelayError('proxy-refused', `"${backend}" is no name of a HAProxy backend`, {
      hint: "Correct the route's backend.",
    });
  const place = await haproxy.locate();
  const states = parseServersState(await read(place.socket, { command: statesOf(backend), begins: STATES }));
  const servers = await look(haproxy, { place, backend, states });
  const wait = waitName(backend);
  const waiting = await statesWhereThere(place.socket, wait);
  if (!waiting) return servers;
  return withTwins(servers, await look(haproxy, { place, backend: wait, states: waiting }));
}

const statesOf = (backend: string): string => `show servers state ${backend}`;

async function statesWhereThere(socket: string, backend: string): Promise<ServerState[] | undefined> {
  const command = statesOf(backend);
  const reply = await ask(socket, command);
  if (/^Can't find backend/.test(reply)) return undefined;
  if (!reply.startsWith(STATES)) throw refused(command, reply);
  return parseServersState(reply);
}

async function look(
  { addressing }: Looked,
  { place, backend, states }: { place: HaproxyPlace; backend: string; states: ServerState[] },
): Promise<HaproxyServer[]> {
  const { socket, master, leaving = [] } = place;
  const stats = parseStat(await read(socket, { command: `show stat ${backend} 4 -1`, begins: '# pxname' }));
  const old = await Promise.all([
    ...(master ? [oldWorkerStats(master, backend)] : []),
    ...leaving.map((other) => leavingStats(other, backend)),
  ]);
  return mergeServers({ stats, states, old: old.flat() }, addressing);
}
