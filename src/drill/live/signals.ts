import { setTimeout as sleep } from 'node:timers/promises';
import { signalNumber } from '../../signals';
import type { Flight } from './flight';
import type { Subject } from './subject';

/** Milliseconds from the first signal to a second one. */
const secondAfter = 300;

interface Signal {
  pid?: number;
  signal: string;
}

/** `stop`: as the runtime stops the instance, which is by this signal. */
interface Delivery extends Signal {
  stop: boolean;
  flight?: Flight;
}

/**
 * Sends the requests and then the signal. Returns the time of the signal, and the number of requests that were open
 * then. The kernel delivers at once; the engine takes a while, in which requests may be answered.
 */
export async function deliver(
  subject: Subject,
  { pid, signal, stop, flight }: Delivery,
): Promise<{ began: number; open: number }> {
  const burst = flight?.burst;
  await burst?.send();
  if (flight?.pause) await sleep(flight.pause);
  const began = performance.now();
  if (stop) await begin(subject, { pid, signal });
  else await send(subject, { pid, signal });
  return { began, open: (burst?.size ?? 0) - (burst?.answered() ?? 0) };
}

/** Begins a stop as the runtime does. */
export async function begin(subject: Subject, one: Signal): Promise<void> {
  const { drills, name } = subject;
  await (drills.stop ? drills.stop(name) : send(subject, one));
}

async function send({ drills, name }: Subject, { pid, signal }: Signal): Promise<void> {
  if (pid === undefined || !sent(pid, signal)) await drills.signal(name, signal);
}

/** True if this user may signal the process, which was seen to be the instance's. */
export function sent(pid: number, signal: string): boolean {
  const number = signalNumber(signal);
  try {
    return number !== undefined && process.kill(pid, number);
  } catch {
    return false;
  }
}

/** Sends the signal once more. False if the instance has ended by then. */
export async function again(subject: Subject, { pid, signal }: Signal): Promise<boolean> {
  await sleep(secondAfter);
  // After its end another process may have the number.
  const view = await subject.drills.look(subject.name);
  if (view?.instance.state !== 'running') return false;
  await send(subject, { pid: view.pid === pid ? pid : undefined, signal });
  return true;
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
