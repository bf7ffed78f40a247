import { constants } from 'node:os';
import { timeText } from '../model/quantities';
import { signalNumber } from '../signals';
import { formatDuration } from '../spec/duration';
import { type Finding, warn } from './finding';

interface StopQuestion {
  /** An instance that the release stops. */
  instance: string;
  signal: string;
  /** Milliseconds until it is killed. */
  grace: number;
  /** Signals that its first process handles, by number; absent where nobody knows. */
  handles?: number[];
}

/** Checks if an instance can hear its stop signal. No finding if so, or if nobody knows. Pure. */
export function signalFinding({ instance, signal, grace, handles }: StopQuestion): Finding | undefined {
  const number = signalNumber(signal);
  if (!handles || number === undefined || number === constants.signals.SIGKILL || handles.includes(number))
    return undefined;
  return warn(
    'stop',
    `${instance} does not handle ${signal}: it is killed after the whole stop.grace, ${timeText(grace)}`,
    'handle the signal in the program, start it by exec in place of a shell, or write init: true in the Compose file',
  );
}

/** The finding of a service whose requests get less time after their drain than in it. */
export const shortGrace =
  'stop.grace is shorter than drain.deadline: requests in flight at the deadline get less time to finish than they had to drain';

/** Milliseconds. */
interface Times {
  service: string;
  grace: number;
  drain: number;
}

/**
 * Checks the times of a service whose requests no proxy counts. Its release cannot wait for them before the stop signal,
 * so the grace is all that they have. Pure.
 */
export function graceFinding({ service, grace, drain }: Times): Finding | undefined {
  if (grace >= drain) return undefined;
  return warn(
    'stop',
    `${service}: work under way has ${timeText(grace)} after the stop signal (stop.grace), not the ${timeText(drain)} of drain.deadline: no proxy counts it`,
    `write stop: { grace: ${formatDuration(drain)} }`,
  );
}
