import type { Run } from '../evidence';
import { type Address, type Burst, newRequest, openBurst, patience } from './clients';

/** Requests in flight at the signal. */
const inFlight = 8;
/** Requests that take so many milliseconds can be in the middle at the signal, which comes after this pause at most. */
const slow = 20;
const longestPause = 250;
/** Longest wait for the ends of connections, once the service is gone. */
const closing = 150;

export interface Flight {
  burst: Burst;
  /** Milliseconds from the requests to the signal: the service has begun to handle them by then. */
  pause: number;
}

/**
 * Opens connections for requests to this address, and asks once to see how long they take. That comes last: a service
 * that has answered has accepted the connections before, and the kernel resets others when the service stops listening.
 * Undefined if it ends the connection without an answer: it speaks another protocol.
 */
export async function flightTo(at: Address): Promise<Flight | undefined> {
  const burst = await openBurst(at, inFlight);
  const began = performance.now();
  const reply = await newRequest(at);
  const took = performance.now() - began;
  if ((reply === 'lost' || reply === 'refused') && took < patience) {
    await burst.end(0);
    return undefined;
  }
  return { burst, pause: took < slow ? 0 : Math.min(longestPause, took / 2) };
}

/** What became of the requests that were open at the signal; undefined where none was. */
export async function flightOf(burst: Burst, open: number): Promise<Run['flight']> {
  const { cut } = await burst.end(closing);
  return open > 0 ? { requests: open, cut: Math.min(cut, open) } : undefined;
}
