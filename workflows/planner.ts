import { CancellationScope, condition, patched, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { Board } from './board';
import type { Control } from './control';
import { told } from './ending';
import { failureOf, isUntaken, isWorkerLost } from './failures';
import { planning, unreachablePause } from './policies';
import { soon } from './taken';

/** Which host plans, and the board that shows that it does not answer. */
export interface Planner {
  /** The name of the host; empty where any worker may plan. */
  host: string;
  dryRun: boolean;
  board: Board;
  control: Control;
}

/**
 * Has the worker of the host make the plan. While no worker takes it, the page says so. The wait ends when a worker takes it,
 * or on cancel or rollback. A worker that is lost meanwhile is asked again, and again. A dry run fails instead:
 * `worker-unreachable`, `worker-lost`.
 */
export async function planAt<P>(planner: Planner, make: (activities: Activities) => Promise<P>): Promise<P> {
  const { host, dryRun, board, control } = planner;
  for (let tries = 0; ; tries += 1) {
    try {
      return await (tries === 0 ? planOnce(planner, make) : unlessTurned(control, () => planOnce(planner, make)));
    } catch (error) {
      // A release that ended here before this was asked again stays as it ended.
      if (dryRun || control.turn || !isWorkerLost(failureOf(error)) || !patched('planning-asked-again')) throw error;
    }
    const text = `the worker${host && ` of host ${host}`} was lost while it made the plan, and is asked again in a while`;
    const way = board.status.kind === 'release' && { otherwise: 'belay rollback' };
    board.wait({ kind: 'unreachable', text, command: 'belay doctor', ...way });
    await condition(() => control.turn !== undefined, unreachablePause(tries, 'forward'));
    board.unwait(({ kind }) => kind === 'unreachable');
  }
}

async function planOnce<P>(
  { host, dryRun, board, control }: Planner,
  make: (activities: Activities) => Promise<P>,
): Promise<P> {
  const ask = (untilTaken?: number) => make(proxyActivities<Activities>(planning({ host, untilTaken })));
  if (host === '') return await ask();
  try {
    return await unlessTurned(control, () => ask(soon));
  } catch (error) {
    if (!isUntaken(error) || control.turn) throw error;
  }
  const absence = `host ${host} has no worker, so there is no plan`;
  const hint = 'check the name, and on that host whether its worker runs';
  const command = 'belay doctor';
  if (dryRun) throw told({ type: 'worker-unreachable', message: absence, details: [{ hint: `${hint}: ${command}` }] });
  const text = `${absence}; it waits for one: ${hint}. A cancel ends the wait (Request Cancellation in the Web UI)`;
  // What is no release hears no rollback.
  const way = board.status.kind === 'release' && { otherwise: 'belay rollback' };
  board.wait({ kind: 'unreachable', text, command, ...way });
  try {
    return await unlessTurned(control, () => ask());
  } finally {
    board.unwait(({ kind }) => kind === 'unreachable');
  }
}

/** A turn calls off what is asked, and what ends by itself leaves nothing that watches for a turn. */
async function unlessTurned<T>(control: Control, act: () => Promise<T>): Promise<T> {
  const scope = new CancellationScope();
  return await scope.run(async () => {
    condition(() => control.turn !== undefined).then(
      () => scope.cancel(),
      () => undefined,
    );
    try {
      return await act();
    } finally {
      scope.cancel();
    }
  });
}
