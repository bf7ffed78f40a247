import type { Former, TakeAgain, Task } from './desired';

/** Returns the kept revision that the plan takes again; undefined for another task. */
export const takenAgain = ({ task }: { task: Task }): TakeAgain | undefined =>
  task.kind === 'take-again' ? task : undefined;

export const isRemoval = ({ task }: { task: Task }): boolean => task.kind === 'remove';

/** Returns the kept revision that the plan leads back to; undefined for a release of the files. */
export function formerOf({ task }: { task: Task }): Former | undefined {
  if (task.kind === 'run' || task.revision === undefined) return undefined;
  return { revision: task.revision, previous: task.previous };
}
