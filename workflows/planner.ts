import { CancellationScope, condition, patched, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities';
import { goesBack } from '../src/model/messages';
import type { Board } from './board';
import type { Control } from './control';
import { plainFailure } from './ending';
import { failureOf, isUntaken, isWorkerLost } from './failures';
import { planning, unreachablePause } from './policies';
import { soon } from './taken';

/** The host that makes the plan, and the board that shows its absence. */
export interface Planner {
  /** The host's name; empty if any worker may plan. */
  host: string;
  dryRun: boolean;
  board: Board;
  control: Control;
}

/**
 * Returns the plan, made by the host's worker. The page shows a missing worker. The wait ends when a worker takes the
 * task, or on cancel or rollback. A lost worker is asked again without end. A dry run throws `worker-unreachable` or
 * `worker-lost` instead.
 */
export async function planAt<P>(planner: Planner, make: (activities: Activities) => Promise<P>): Promise<P> {
  const { host, dryRun, board, control } = planner;
  for (let tries = 0; ; tries += 1) {
    try {
      return await (tries === 0 ? planOnce(planner, make) : unlessTurned(control, () => planOnce(planner, make)));
    } catch (error) {
      // Releases that ended here before this retry existed replay as they ended.
      if (dryRun || control.turn || !isWorkerLost(failureOf(error)) || !patched('planning-asked-again')) throw error;
    }
    const text = `the worker${host && ` of host ${host}`} was lost while it made the plan; Belay asks again in a while`;
    const way = goesBack(board.status.kind) && { otherwise: 'belay rollback' };
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
  const absence = `host ${host} has no worker to make the plan`;
  const hint = 'check the name, and whether the worker runs on that host';
  const command = 'belay doctor';
  if (dryRun)
    throw plainFailure({ type: 'worker-unreachable', message: absence, details: [{ hint: `${hint}: ${command}` }] });
  const text = `${absence}; it waits for one: ${hint}. A cancel ends the wait (Request Cancellation in the Web UI)`;
  // Only a release accepts a rollback message.
  const way = goesBack(board.status.kind) && { otherwise: 'belay rollback' };
  board.wait({ kind: 'unreachable', text, command, ...way });
  try {
    return await unlessTurned(control, () => ask());
  } finally {
    board.unwait(({ kind }) => kind === 'unreachable');
  }
}

/** Runs `act`, and cancels it when the release turns back. The watch for that ends with `act`. */
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
