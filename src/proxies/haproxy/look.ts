import { BelayError } from '../../errors';
import type { ServerRef } from '../proxy';
import type { Haproxy, HaproxyPlace } from '.';
import { askAll, refused } from './api';
import { parseServersState, parseStat, type ServerStat } from './parse';
import { type HaproxyServer, mergeServers, waitName, withTwins } from './servers';
import { leavingStats, oldWorkerStats } from './workers';

const NAME = /^[A-Za-z0-9_.:-]+$/;

type Looked = Pick<Haproxy, 'locate' | 'addressing'>;

/** Returns one server. Throws `proxy-refused` if the backend has no server of that name. */
export async function serverOf(haproxy: Looked, ref: ServerRef): Promise<HaproxyServer> {
  const found = (await serversOf(haproxy, ref.backend)).find(({ server }) => server === ref.server);
  if (found) return found;
  throw new BelayError('proxy-refused', `HAProxy's backend ${ref.backend} has no server ${ref.server}`, {
    hint: 'Run "belay doctor": it shows the server-template line that Belay needs.',
  });
}

/**
 * Returns the servers of a backend, each with its twin in the wait backend, if there is one. All are seen at one
 * moment, except what old workers still hold.
 */
export async function serversOf({ locate, addressing }: Looked, backend: string): Promise<HaproxyServer[]> {
  if (!NAME.test(backend))
    throw new BelayError('proxy-refused', `"${backend}" is not a valid HAProxy backend name`, {
      hint: "Correct the route's backend.",
    });
  const place = await locate();
  const both = [backend, waitName(backend)];
  const questions = both.flatMap(questionsOf);
  const commands = questions.map(({ command }) => command);
  const replies = await askAll(place.socket, commands);
  const answer = (index: number) => answerTo(questions[index]!, replies[index]!);
  const read = (at: number) => ({ states: parseServersState(answer(at)), stats: parseStat(answer(at + 1)) });
  const own = read(0);
  const waiting = isMissing(replies[2]!) ? undefined : read(2);
  // Look here last: a reload in between turns the worker that answered into an old one.
  const old = await leftBehind(place, both);
  const servers = mergeServers({ ...own, old }, addressing);
  return waiting ? withTwins(servers, mergeServers({ ...waiting, old }, addressing)) : servers;
}

interface Query {
  command: string;
  begins: string;
}

const questionsOf = (backend: string): Query[] => [
  { command: `show servers state ${backend}`, begins: '1\n#' },
  { command: `show stat ${backend} 4 -1`, begins: '# pxname' },
];

function answerTo({ command, begins }: Query, reply: string): string {
  if (!reply.startsWith(begins)) throw refused(command, reply);
  return reply;
}

const isMissing = (reply: string): boolean => reply.startsWith("Can't find backend");

/** Returns the servers in old workers of any HAProxy, which only finish requests. */
async function leftBehind({ master, leaving = [] }: HaproxyPlace, backends: string[]): Promise<ServerStat[]> {
  const old = await Promise.all([
    ...(master ? [oldWorkerStats(master, backends)] : []),
    ...leaving.map((other) => leavingStats(other, backends)),
  ]);
  return old.flat();
}
