import type { Step } from '../src/model/plan';
import type { Waiting } from '../src/model/status';
import { describe } from '../src/model/steps';
import type { Board } from './board';
import { isUntaken, lastBeat } from './failures';

/** Milliseconds for a worker to take a task before the page shows its absence. */
export const soon = 10_000;

const longest = 60 * 60_000;

/** The circumstances of one try to schedule a step; `late` and `left` go to the activity. */
export interface TaskOptions {
  /** Milliseconds for a worker to take the step. */
  within: number;
  /** The page shows the worker's absence, so the worker reports that it has taken the step. */
  late?: true;
  /** The last heartbeat of an attempt whose worker was lost, for the next attempt. */
  left?: unknown;
}

/**
 * Schedules a step until a worker takes it, and shows the absence meanwhile. The step stays in its task queue without a
 * gap. Its time there grows to an hour: many steps can then wait for days in one history.
 */
export async function untilTaken<T>(
  { step, board }: { step: Step; board: Board },
  schedule: (options: TaskOptions) => Promise<T>,
): Promise<T> {
  const isOurs = (one: Waiting) => one.kind === 'unreachable' && one.step === step.id;
  let options: TaskOptions = { within: soon };
  try {
    for (;;) {
      try {
        return await schedule(options);
      } catch (error) {
        if (!isUntaken(error)) throw error;
        const isShown = board.status.waiting.some(isOurs);
        if (!isShown) show(options.within);
        // A worker took the step meanwhile and was lost, so the wait starts again.
        const within = isShown ? Math.min(longest, options.within * 1.5) : soon;
        const left = lastBeat(error) ?? options.left;
        options = { within, late: true, ...(left !== undefined && { left }) };
      }
    }
  } finally {
    board.unwait(isOurs);
  }

  function show(time: number): void {
    board.wait({
      kind: 'unreachable',
      step: step.id,
      text: `host ${step.host}: no worker has picked up ${step.service}: ${describe(step)}`,
      command: 'belay doctor',
      since: new Date(Date.now() - time).toISOString(),
    });
  }
}
