import { setTimeout as sleep } from 'node:timers/promises';
import type { Run } from '../evidence';
import { idleConnection } from './clients';
import { flightOf, flightTo } from './flight';
import { type Processes, processesOf, socketsOf } from './processes';
import type { Ready } from './ready';
import { again, deliver, ended, kill } from './signals';
import type { Subject } from './subject';
import { since, watchAfter } from './watch';

const logLines = 5_000;
/** Milliseconds in which a program may still collect an ended child. */
const collecting = 400;

export interface StopRequest {
  signal: string;
  /** Longest wait for the end, in milliseconds. */
  wait: number;
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
  const before = pid === undefined ? undefined : await processesBefore(pid, signal);
  const idle = request.idle && at ? await idleConnection(at) : undefined;
  const flight = at && path !== undefined ? await flightTo({ ...at, path: slowPath ?? path }) : undefined;
  const logBefore = await drills.logTail(name, logLines);
  const { began, open } = await deliver(subject, { pid, signal, flight });
  const watch = watchAfter(subject, { began, view, at });
  const second = request.twice ? again(subject, { pid, signal }) : false;
  const exitAfter = (await ended(subject, wait - since(began))) ? since(began) : undefined;
  const twice = await second;
  const left = exitAfter === undefined && pid !== undefined ? await leftOf(pid, signal) : undefined;
  // A request at the time of the kill would be lost by the drill itself.
  const seen = await watch.end();
  if (exitAfter === undefined) await kill(subject);
  idle?.destroy();
  const answers = flight && (await flightOf(flight.burst, open));
  const code = (await drills.look(name))?.instance.exitCode;
  const log = await drills.logTail(name, logLines);
  return {
    ...before,
    ...(twice && { twice }),
    ...(exitAfter !== undefined && { exit: { after: exitAfter, ...(code !== undefined && { code }) } }),
    ...(left && { left }),
    ...(answers && { flight: answers }),
    ...seen,
    log: subject.mask(log.startsWith(logBefore) ? log.slice(logBefore.length) : log),
  };
}

/** Undefined if this process cannot see them. */
async function processesBefore(
  pid: number,
  signal: string,
): Promise<Pick<Run, 'leader' | 'children' | 'zombies'> | undefined> {
  const zombiesIn = (all?: Processes) => all?.descendants.flatMap((one) => (one.zombie ? [one.pid] : [])) ?? [];
  const earlier = zombiesIn(await processesOf(pid, signal));
  if (earlier.length > 0) await sleep(collecting);
  const now = await processesOf(pid, signal);
  if (!now) return undefined;
  return {
    leader: now.leader,
    children: now.descendants.filter(({ zombie }) => !zombie).length,
    zombies: zombiesIn(now).filter((one) => earlier.includes(one)).length,
  };
}

async function leftOf(pid: number, signal: string): Promise<Run['left']> {
  const [processes, sockets] = await Promise.all([processesOf(pid, signal), socketsOf(pid)]);
  const children = processes?.descendants.filter(({ zombie }) => !zombie).map(({ name }) => name);
  return { ...(processes && { threads: processes.threads, children }), ...(sockets && { sockets }) };
}
