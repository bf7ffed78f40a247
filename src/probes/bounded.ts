import { formatDuration } from '../spec/duration';
import { type ProbeResult, unhealthy } from './probe-result';

/** How long one check may take. */
export interface Bounds {
  /** Milliseconds for the whole of it. */
  timeout: number;
  signal?: AbortSignal;
}

/** A check that ends in time, and says what it threw by `reasonOf`. Throws only the signal's reason. */
export async function bounded(
  { timeout, signal }: Bounds,
  check: (signal: AbortSignal) => Promise<ProbeResult>,
  reasonOf: (error: unknown) => string,
): Promise<ProbeResult> {
  signal?.throwIfAborted();
  const late = AbortSignal.timeout(timeout);
  try {
    return await check(signal ? AbortSignal.any([late, signal]) : late);
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    return unhealthy(late.aborted ? `no answer within ${formatDuration(timeout)}` : reasonOf(error));
  }
}
