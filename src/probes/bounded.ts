import { formatDuration } from '../spec/duration';
import { type ProbeResult, unhealthy } from './probe-result';

/** Limits of one check. */
export interface Bounds {
  /** Milliseconds for the whole check. */
  timeout: number;
  signal?: AbortSignal;
}

/** Ends a check in time, and tells its error by `reasonOf`. Throws only the signal's reason. */
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
