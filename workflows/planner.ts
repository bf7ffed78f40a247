import { CancellationScope, condition, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { Board } from './board';
import type { Control } from './control';
import { told } from './ending';
import { isUntaken, untaken } from './failures';
import { planning } from './policies';

/** Who plans, and where it is told that nobody does. */
export interface Planner {
  /** The name of the host; empty where any worker may plan. */
  host: string;
  dryRun: boolean;
  board: Board;
  control: Control;
}

const shortest = 10_000;
const longest = 15 * 60_000;

/**
 * Has the worker of the host make the plan. While that worker takes nothing, the page says so, and the workflow waits until
 * it does or until somebody turns it. A dry run fails instead: `worker-unreachable`.
 */
export async function planAt<P>(
  { host, dryRun, board, control }: Planner,
  make: (activities: Activities) => Promise<P>,
): Promise<P> {
  if (host === '') return await make(proxyActivities<Activities>(planning()));
  for (let tries = 0; ; tries += 1) {
    const untilTaken = Math.min(longest, shortest * 1.5 ** tries);
    try {
      const plan = await unlessTurned(control, () => make(proxyActivities<Activities>(planning(host, untilTaken))));
      board.unwait(isAway);
      return plan;
    } catch (error) {
      if (!isUntaken(error) || control.turn) throw error;
      const { code, message, hint } = untaken(host, untilTaken);
      if (dryRun) throw told({ type: code, message, details: [{ hint }] });
      board.unwait(isAway);
      board.wait({ kind: 'unreachable', text: `${message}: ${hint}`, command: `belay doctor --host ${host}` });
    }
  }
}

const isAway = ({ kind }: { kind: string }): boolean => kind === 'unreachable';

/** What nobody has taken yet need not be waited for any more. */
async function unlessTurned<T>(control: Control, act: () => Promise<T>): Promise<T> {
  const scope = new CancellationScope();
  const acted = scope.run(act);
  await Promise.race([acted.catch(() => undefined), condition(() => control.turn !== undefined)]);
  if (control.turn) scope.cancel();
  return await acted;
}
