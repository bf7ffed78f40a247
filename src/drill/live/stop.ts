import { setTimeout as sleep } from 'node:timers/promises';
import type { NewRequest, Run } from '../evidence';
import { type Address, type Burst, idleConnection, newRequest, openBurst } from './clients';
import { type Processes, processesOf, socketsOf } from './processes';
import { hostOf, type Ready } from './ready';
import type { Subject } from './subject';

/** Requests in flight at the signal. */
const inFlight = 8;
/** Milliseconds between two looks after the signal, and from the first signal to a second one. */
const every = 150;
const secondAfter = 300;
/** Requests that take so many milliseconds can be in the middle at the signal, which comes after this pause at most. */
const slow = 20;
const longestPause = 250;
const logLines = 5_000;

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
  const { pid } = view;
  const before = pid === undefined ? undefined : await collected(pid, request.signal);
  const http = at?.path === undefined ? undefined : at;
  const idle = request.idle && at ? await idleConnection(at) : undefined;
  const flight = http && (await flightTo({ ...http, path: subject.scenario.asked?.slowPath ?? http.path }));
  const logBefore = await drills.logTail(name, logLines);
  const { began, open } = await deliver(subject, { pid, signal: request.signal, flight });
  const watch = watchAfter(subject, { began, view, at });
  const second = request.twice && again(subject, pid, request.signal);
  const exitAfter = await ended(subject, request.wait - since(began)).then((is) => (is ? since(began) : undefined));
  await second;
  const left = exitAfter === undefined && pid !== undefined ? await leftOf(pid, request.signal) : undefined;
  if (exitAfter === undefined) await kill(subject);
  const { requests, readiness } = await watch.end();
  idle?.destroy();
  const answers = flight && (await flightOf(flight.burst, open));
  const code = (await drills.look(name))?.instance.exitCode;
  const logAfter = await drills.logTail(name, logLines);
  return {
    ...(before && {
      leader: before.leader,
      children: before.children,
      zombies: before.zombies,
    }),
    ...(exitAfter !== undefined && { exit: { after: exitAfter, ...(code !== undefined && { code }) } }),
    ...(left && { left }),
    ...(answers && { flight: answers }),
    requests,
    ...(readiness && { readiness }),
    log: subject.mask(logAfter.startsWith(logBefore) ? logAfter.slice(logBefore.length) : logAfter),
  };
}

interface Flight {
  burst: Burst;
  /** Milliseconds from the requests to the signal: the service has begun to handle them by then. */
  pause: number;
}

async function flightTo(at: Address): Promise<Flight> {
  const began = performance.now();
  await newRequest(at);
  const took = performance.now() - began;
  return { burst: await openBurst(at, inFlight), pause: took < slow ? 0 : Math.min(longestPause, took / 2) };
}

/** Milliseconds in which a program may still collect an ended child. */
const collecting = 400;

async function collected(pid: number, signal: string) {
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

/**
 * Sends the requests and then the signal. Returns the time of the signal, and the number of requests that were open
 * then. The kernel delivers at once; the engine takes a while, in which requests may be answered.
 */
async function deliver(
  subject: Subject,
  { pid, signal, flight }: { pid?: number; signal: string; flight?: Flight },
): Promise<{ began: number; open: number }> {
  const burst = flight?.burst;
  await burst?.send();
  if (flight?.pause) await sleep(flight.pause);
  const began = performance.now();
  const direct = pid !== undefined && sent(pid, signal);
  if (!direct) await subject.drills.signal(subject.name, signal);
  return { began, open: (burst?.size ?? 0) - (burst?.answered() ?? 0) };
}

/** True if this user may signal the process, which is seen to be the instance's. */
export function sent(pid: number, signal: string | number): boolean {
  try {
    return process.kill(pid, signal as NodeJS.Signals);
  } catch {
    return false;
  }
}

async function again(subject: Subject, pid: number | undefined, signal: string): Promise<void> {
  await sleep(secondAfter);
  // After its end another process may have the number.
  const view = await subject.drills.look(subject.name);
  if (view?.instance.state !== 'running') return;
  if (view.pid === undefined || view.pid !== pid || !sent(view.pid, signal))
    await subject.drills.signal(subject.name, signal);
}

/** True if the instance ends within the time. */
export async function ended({ drills, name, signal }: Subject, within: number): Promise<boolean> {
  const late = AbortSignal.timeout(Math.max(0, Math.ceil(within)));
  try {
    await drills.ended(name, AbortSignal.any([signal, late]));
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (late.aborted) return false;
    throw error;
  }
}

export async function kill(subject: Subject): Promise<void> {
  await subject.drills.signal(subject.name, 'SIGKILL');
  await subject.drills.ended(subject.name, subject.signal);
}

async function leftOf(pid: number, signal: string): Promise<Run['left']> {
  const [processes, sockets] = await Promise.all([processesOf(pid, signal), socketsOf(pid)]);
  const children = processes?.descendants.filter(({ zombie }) => !zombie).map(({ name }) => name);
  return { ...(processes && { threads: processes.threads, children }), ...(sockets && { sockets }) };
}

/** Undefined where no request was open at the signal. */
async function flightOf(burst: Burst, open: number): Promise<Run['flight']> {
  const { cut } = await burst.end(every);
  return open > 0 ? { requests: open, cut: Math.min(cut, open) } : undefined;
}

const since = (began: number): number => Math.round(performance.now() - began);

/** Asks the instance from now on, until `end`. */
function watchAfter(subject: Subject, { began, view, at }: Ready & { began: number }) {
  const over = new AbortController();
  const requests: NewRequest[] = [];
  const readiness: NonNullable<Run['readiness']> = [];
  const { ready } = subject.scenario;
  const isAsked = ready !== undefined && ready.docker === undefined;
  const repeat = async (look: (at: number) => Promise<void>) => {
    while (!over.signal.aborted) {
      await look(since(began)).catch(() => undefined);
      await sleep(every, undefined, { signal: over.signal }).catch(() => undefined);
    }
  };
  const http = at?.path === undefined ? undefined : at;
  const loops = [
    http &&
      repeat(async (time) => {
        const reply = await newRequest(http);
        if (!over.signal.aborted) requests.push({ at: time, reply });
      }),
    isAsked &&
      repeat(async (time) => {
        const said = await subject.check(view, ready, hostOf(at));
        if (!over.signal.aborted) readiness.push({ at: time, ready: said.healthy });
      }),
  ];
  return {
    async end() {
      over.abort();
      await Promise.all(loops);
      return { requests, ...(isAsked && { readiness }) };
    },
  };
}
