import { condition } from '@temporalio/workflow';
import type { Board } from './board';
import type { Control } from './control';
import { failureOf, obstacleOf } from './failures';

const shortest = 500;
const longest = 15 * 60_000;

export interface Waiter<P> {
  makePlan: () => Promise<P>;
  board: Board;
  /** A cancel, or a rollback, ends the wait. */
  control: Control;
}

/**
 * Makes the plan once no other release has the services any more; `meet` is told which one has, each time. Waits half a
 * second at first and a quarter of an hour in the end, so that weeks of it fit into a workflow's history.
 */
export async function whenFree<P>(
  { makePlan, board, control }: Waiter<P>,
  meet: (workflowId: string) => Promise<void> = async () => undefined,
): Promise<P> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await makePlan();
    } catch (error) {
      const obstacle = obstacleOf(error);
      if (failureOf(error).code !== 'held-by-another' || obstacle === undefined) throw error;
      await meet(obstacle);
      const text = `${obstacle} has a service that is asked for; this begins after its end`;
      board.wait({ kind: 'queued', text, command: `belay status ${obstacle}` });
      const isTurned = await condition(() => control.turn !== undefined, Math.min(longest, shortest * 1.5 ** tries));
      board.unwait(({ kind }) => kind === 'queued');
      if (isTurned) throw error;
    }
  }
}
