import type { ReleaseHandle } from '../../src/client';
import type { ReleaseStatus } from '../../src/model/status';
import { waitFor } from '../../testbed';

/** Polls the release until it says so; fails when it has closed before. */
export async function untilRelease(
  handle: ReleaseHandle,
  what: string,
  holds: (status: ReleaseStatus) => boolean,
): Promise<ReleaseStatus> {
  let last: ReleaseStatus | undefined;
  let closed = false;
  await waitFor({
    what,
    within: 100_000,
    every: 30,
    until: async () => {
      last = await handle.status();
      closed = last.phase === 'closed' && !holds(last);
      return closed || holds(last);
    },
  });
  if (closed)
    throw new Error(
      `${what}: the release closed before, ${JSON.stringify({ outcome: last?.outcome, cause: last?.cause })}`,
    );
  return last!;
}

/** Until a step whose id matches is in the state. */
export const untilStep = (handle: ReleaseHandle, id: RegExp, state: 'running' | 'done'): Promise<ReleaseStatus> =>
  untilRelease(handle, `${id} ${state}`, ({ steps }) =>
    Object.entries(steps).some(([step, one]) => id.test(step) && (one.state === state || one.state === 'done')),
  );

/** Until it waits for an approval, or is held. */
export const untilWaiting = (handle: ReleaseHandle, kind: 'approval' | 'held'): Promise<ReleaseStatus> =>
  untilRelease(handle, `waiting: ${kind}`, ({ waiting }) => waiting.some((one) => one.kind === kind));
