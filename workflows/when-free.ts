import { sleep } from '@temporalio/workflow';
import type { Board } from './board';
import { failureOf, obstacleOf } from './failures';

const shortest = 500;
const longest = 60_000;

/**
 * Makes the plan once no other release has the services any more; `meet` is told which one has, each time. Waits half a
 * second at first and a minute in the end, so that a day of it fits into a workflow's history.
 */
export async function whenFree<P>(
  { makePlan, board }: { makePlan: () => Promise<P>; board: Board },
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
      await sleep(Math.min(longest, shortest * 1.5 ** tries), { summary: `waits for the end of ${obstacle}` });
      board.unwait(({ kind }) => kind === 'queued');
    }
  }
}
