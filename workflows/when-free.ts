import { condition } from '@temporalio/workflow';
import type { Board } from './board';
import type { Control } from './control';
import { failureOf, obstacleOf } from './failures';
import { lineUp, willCall } from './line';

const shortest = 500;
const longest = 15 * 60_000;

export interface Waiter<P> {
  makePlan: () => Promise<P>;
  board: Board;
  /** A cancel or a rollback ends the wait. */
  control: Control;
}

/**
 * Returns the plan, made once no other release holds the services. Each time `onBusy` receives the holder's workflow
 * id. The holder calls the first that waits at its end. In case it cannot, this looks itself once the holder has ended:
 * the pause grows from half a second to a quarter of an hour, and a history then has room for weeks.
 */
export async function whenFree<P>(
  { makePlan, board, control }: Waiter<P>,
  onBusy: (workflowId: string) => Promise<void> = async () => undefined,
): Promise<P> {
  const askedFor = new Set<string>();
  for (let tries = 0; ; tries += 1) {
    control.called = false;
    try {
      return await makePlan();
    } catch (error) {
      const obstacle = obstacleOf(error);
      if (failureOf(error).code !== 'held-by-another' || obstacle === undefined) throw error;
      await onBusy(obstacle);
      if (!askedFor.has(obstacle)) await lineUp(obstacle);
      askedFor.add(obstacle);
      const text = `${obstacle} holds one of the services; this workflow starts after its end`;
      board.wait({ kind: 'queued', text, command: `belay status ${obstacle}` });
      await untilCalled(obstacle, control, tries);
      board.unwait(({ kind }) => kind === 'queued');
      if (control.turn) throw error;
    }
  }
}

/**
 * Returns once the holder has called, or has ended without a call. While it runs, those before this one in its line come
 * first. After the longest pause this returns all the same: a rescue on the host may have freed the services.
 */
async function untilCalled(holder: string, control: Control, tries: number): Promise<void> {
  const isOver = () => control.turn !== undefined || control.called;
  for (let pauses = tries; ; pauses += 1) {
    const pause = Math.min(longest, shortest * 1.5 ** pauses);
    if ((await condition(isOver, pause)) || pause === longest) return;
    if (!(await willCall(holder)) || isOver()) return;
  }
}
