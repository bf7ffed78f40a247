import { setTimeout as sleep } from 'node:timers/promises';
import type { DrilledInstance } from '../../runtimes/drills';
import type { Run } from '../evidence';
import { idleConnection } from './clients';
import { flightOf, flightTo } from './flight';
import { namesOf, type Processes, processesOf, socketsOf } from './processes';
import type { Ready } from './ready';
import { again, deliver, ended, kill } from './signals';
import type { Subject } from './subject';
import { since, watchAfter } from './watch';

const logLines = 5_000;
/** Milliseconds in which a program may still collect an ended child. */
const collecting = 400;
/** Milliseconds from the last look at the instance to the runtime's own kill, and from that to its end. */
const [beforeKill, afterKill] = [500, 3_000];

export interface StopRequest {
  signal: string;
  /** Longest wait for the end, in milliseconds. */
  wait: number;
  /** Set for the stop that the runtime makes; else the signal alone. */
  stop?: true;
  /** Set to hold an idle connection. */
  idle?: true;
  /** Set to send the signal twice. */
  twice?: true;
}

/** Stops the instance, with requests in flight, and returns what happened. It has ended afterwards. */
export async function stop(subject: Subject, { view, at }: Ready, request: StopRequest): Promise<Run> {
  const { drills, name } = subject;
  const { signal, wait } = request;
  const { pid } = view;
  const { path, slowPath } = subject.scenario.asked ?? {};
  const before = pid === undefined ? undefined : await processesBefore(subject, pid, signal);
  const idle = request.idle && at ? await idleConnection(at) : undefined;
  const flight = at && path !== undefined ? await flightTo({ ...at, path: slowPath ?? path }) : undefined;
  const logBefore = await drills.logTail(name, logLines);
  const { began, open } = await deliver(subject, { pid, signal, stop: request.stop ?? false, flight });
  const watch = watchAfter(subject, { began, view, at });
  const second = request.twice ? again(subject, { pid, signal }) : false;
  const killsAfter = request.stop && view.killsAfter;
  const { exitAfter, left, seen } = await untilEnd(subject, { pid, began, signal, wait, killsAfter, watch });
  const twice = await second;
  if (exitAfter === undefined) await kill(subject);
  idle?.destroy();
  const answers = flight && (await flightOf(flight.burst, open));
  const code = (await drills.look(name))?.instance.exitCode;
  const log = await drills.logTail(name, logLines);
  const remaining = exitAfter === undefined ? left : await leftAfter(subject);
  return {
    ...before,
    ...(twice && { twice }),
    ...(exitAfter !== undefined && { exit: { after: exitAfter, ...(code !== undefined && { code }) } }),
    ...(remaining && { left: remaining }),
    ...(answers && { flight: answers }),
    ...seen,
    log: subject.mask(log.startsWith(logBefore) ? log.slice(logBefore.length) : log),
  };
}

type Seen = Pick<Run, 'requests' | 'readiness'>;

interface Stopping extends Pick<DrilledInstance, 'pid' | 'killsAfter'> {
  began: number;
  signal: string;
  wait: number;
  watch: { end(): Promise<Seen> };
}

interface End {
  /** Absent: it still runs, or the runtime has killed it. */
  exitAfter?: number;
  /** What it had at the end of the wait. */
  left?: Run['left'];
  seen: Seen;
}

async function untilEnd(subject: Subject, { pid, killsAfter, began, signal, wait, watch }: Stopping): Promise<End> {
  const kills = killsAfter !== undefined && killsAfter <= wait;
  const patience = kills ? killsAfter - beforeKill : wait;
  if (await ended(subject, patience - since(began))) return { exitAfter: since(began), seen: await watch.end() };
  // A request at the time of a kill would be lost by it, so that the watch ends first.
  const [seen, left] = await Promise.all([watch.end(), pid === undefined ? undefined : leftOf(subject, pid, signal)]);
  // The runtime gives the children the same time once more.
  if (!kills || !(await ended(subject, 2 * killsAfter + afterKill - since(began)))) return { left, seen };
  const exitAfter = since(began);
  return (await subject.drills.look(subject.name))?.killed ? { left, seen } : { exitAfter, seen };
}

/** Undefined if this process cannot see them. */
async function processesBefore(
  subject: Subject,
  pid: number,
  signal: string,
): Promise<Pick<Run, 'leader' | 'children' | 'zombies'> | undefined> {
  const zombiesIn = (all?: Processes) => all?.descendants.flatMap((one) => (one.zombie ? [one.pid] : [])) ?? [];
  const earlier = zombiesIn(await seenOf(subject, pid, signal));
  if (earlier.length > 0) await sleep(collecting);
  const now = await seenOf(subject, pid, signal);
  if (!now) return undefined;
  return {
    leader: now.leader,
    children: now.descendants.filter(({ zombie }) => !zombie).length,
    zombies: zombiesIn(now).filter((one) => earlier.includes(one)).length,
  };
}

const seenOf = async ({ drills, name }: Subject, pid: number, signal: string): Promise<Processes | undefined> =>
  await processesOf(pid, signal, (await drills.footprint?.(name))?.pids);

async function leftOf(subject: Subject, pid: number, signal: string): Promise<Run['left']> {
  const footprint = await subject.drills.footprint?.(subject.name);
  const [processes, sockets] = await Promise.all([seenOf(subject, pid, signal), footprint?.ports ?? socketsOf(pid)]);
  const running = processes?.descendants.filter(({ zombie }) => !zombie).map(({ name }) => name);
  const children = running ?? (footprint && (await namesOf(footprint.pids)));
  return {
    ...(processes && { threads: processes.threads }),
    ...(children && { children }),
    ...(sockets && { sockets }),
  };
}

/** What outlives the instance; undefined for nothing. A child that ends beside it may take a moment. */
async function leftAfter({ drills, name }: Subject): Promise<Run['left']> {
  const earlier = (await drills.footprint?.(name))?.pids ?? [];
  if (earlier.length === 0) return undefined;
  await sleep(collecting);
  const { pids, ports } = await drills.footprint!(name);
  const children = await namesOf(pids.filter((one) => earlier.includes(one)));
  return children.length > 0 ? { children, sockets: ports } : undefined;
}
