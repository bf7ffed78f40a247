import { asBelayError } from '../../errors';
import { retry } from '../../poll';
import { ask, read, refused, unreachable } from './api';
import { parseProc, parseStat, type ServerStat, type Workers } from './parse';

const REEXEC_MS = 5_000;
const LEAVING_MS = 300;
const POLL_MS = 20;

/** Returns `show stat` of backends in the workers that a reload left behind; `master` is the master's socket. */
export function oldWorkerStats(master: string, backends: string[]): Promise<ServerStat[]> {
  return throughReload(async () => statsOf(master, (await workersOf(master)).old, backends));
}

/** Gives an order to the workers that a reload left behind too; an ended one needs none. */
export function tellOldWorkers(master: string, command: string): Promise<void> {
  return throughReload(async () => {
    const { old } = await workersOf(master);
    for (const pid of old) {
      const reply = await ask(master, `@!${pid} ${command}`);
      if (reply.startsWith("Can't connect to the target CLI")) throw unreachable(master, `worker ${pid} is ending`);
    }
  });
}

/** Returns the same for all workers of a replaced HAProxy; none if it does not answer for a while. */
export async function leavingStats(master: string, backends: string[]): Promise<ServerStat[]> {
  const all = () =>
    throughReload(async () => {
      const { current, old } = await workersOf(master);
      return await statsOf(master, [...current, ...old], backends);
    }, LEAVING_MS);
  return all().catch((error) => {
    if (asBelayError(error).code !== 'proxy-unreachable') throw error;
    return [];
  });
}

/**
 * Resolves when no reload is under way. While the master re-executes, its socket refuses. The runtime API then still
 * leads to a worker that is about to be replaced.
 */
export async function reloadIsOver(master: string): Promise<void> {
  await throughReload(() => workersOf(master));
}

/** Makes HAProxy read its configuration again. The runtime API shows if it has. */
export async function orderReload(master: string): Promise<void> {
  await throughReload(() => ask(master, 'reload').catch(unlessUnderWay));
}

/** HAProxy 2.6 may re-execute before it has answered. */
function unlessUnderWay(error: unknown): void {
  if (asBelayError(error).cause !== undefined) throw error;
}

async function workersOf(master: string): Promise<Workers> {
  return parseProc(await read(master, { command: 'show proc', begins: '#<PID>' }));
}

async function statsOf(master: string, pids: number[], backends: string[]): Promise<ServerStat[]> {
  const each = pids.flatMap((pid) => backends.map((backend) => statsOfOne(master, pid, backend)));
  return (await Promise.all(each)).flat();
}

async function statsOfOne(master: string, pid: number, backend: string): Promise<ServerStat[]> {
  const command = `@!${pid} show stat ${backend} 4 -1`;
  const reply = await ask(master, command);
  if (reply.startsWith('# pxname')) return parseStat(reply);
  // The worker has ended, or knew no such backend: either way it holds none of its requests.
  if (/^(Can't find the target PID|No such proxy)/.test(reply)) return [];
  // The master still lists a worker that is about to end: the next look tells.
  if (reply.startsWith("Can't connect to the target CLI")) throw unreachable(master, `worker ${pid} is ending`);
  throw refused(command, reply);
}

/** Repeats the question for as long as a re-execution may take; a worker may end between two questions. */
function throughReload<T>(question: () => Promise<T>, within = REEXEC_MS): Promise<T> {
  const passes = (error: unknown) => asBelayError(error).code === 'proxy-unreachable';
  return retry({ attempt: question, passes, every: POLL_MS, within });
}
