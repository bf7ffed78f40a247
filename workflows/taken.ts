import type { Step } from '../src/model/plan';
import type { Waiting } from '../src/model/status';
import { describe } from '../src/model/steps';
import type { Board } from './board';
import { isUntaken, lastBeat } from './failures';

/** Milliseconds that a worker has to take what it is asked before its absence is shown. */
export const soon = 10_000;

const longest = 60 * 60_000;

/** How a step is asked of its host. */
export interface Asking {
  /** Milliseconds that a worker has to take it. */
  within: number;
  /** No worker took it before, and people are told so: the worker that takes it says that it has. */
  late?: true;
  /** What an attempt has left to the next one by its heartbeats, where its worker was lost. */
  left?: unknown;
}

/**
 * Asks for a step until a worker takes it, and shows meanwhile that none does. The step is in its task queue without a gap. Its
 * time there grows to an hour, so that many steps can wait for days in one workflow's history.
 */
export async function untilTaken<T>(
  { step, board }: { step: Step; board: Board },
  ask: (asking: Asking) => Promise<T>,
): Promise<T> {
  const isOurs = (one: Waiting) => one.kind === 'unreachable' && one.step === step.id;
  let asking: Asking = { within: soon };
  try {
    for (;;) {
      try {
        return await ask(asking);
      } catch (error) {
        if (!isUntaken(error)) throw error;
        const isShown = board.status.waiting.some(isOurs);
        if (!isShown) show(asking.within);
        // A step that was taken meanwhile, and has lost its worker, waits anew.
        const within = isShown ? Math.min(longest, asking.within * 1.5) : soon;
        const left = lastBeat(error) ?? asking.left;
        asking = { within, late: true, ...(left !== undefined && { left }) };
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
