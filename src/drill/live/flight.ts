import type { Run } from '../evidence';
import { type Address, type Burst, newRequest, openBurst } from './clients';

/** Requests in flight at the signal. */
const inFlight = 8;
/**
 * Milliseconds from the requests to the signal. A server may take a connection for idle whose request it has not read
 * yet, as Node does, so that no shutdown keeps it.
 */
const shortestPause = 50;
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
 */
export async function flightTo(at: Address): Promise<Flight> {
  const burst = await openBurst(at, inFlight);
  const began = performance.now();
  await newRequest(at);
  const took = performance.now() - began;
  return { burst, pause: Math.max(shortestPause, Math.min(longestPause, took / 2)) };
}

/** What became of the requests that were open at the signal; undefined where none was. */
export async function flightOf(burst: Burst, open: number): Promise<Run['flight']> {
  const { cut } = await burst.end(closing);
  return open > 0 ? { requests: open, cut: Math.min(cut, open) } : undefined;
}
