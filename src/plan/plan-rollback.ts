import type { DesiredService, DesiredStrategy, KeptInstance, PlannedService, Task } from '../model/desired';
import type { ObservedRevision } from '../model/observed';
import { formerOf, isRemoval } from '../model/task';
import { strategyKind } from '../spec/strategies';

/**
 * Where a rollback leads: to the revision before the head, or to the head itself when a newer one was begun and never
 * recorded (its release was terminated). Undefined when there is nothing to go back to.
 */
export function rollbackTarget<R extends ObservedRevision>({
  head,
  revisions,
}: {
  head?: number;
  revisions: R[];
}): R | undefined {
  const at = (number?: number) => revisions.find((one) => one.number === number);
  const begun = revisions.find((one) => one.state === 'pending' && one.number > (head ?? -1));
  if (!begun) return at(at(head)?.previous);
  // A rollback that was given up halfway leads where it was to lead.
  return at(formerOf(begun)?.revision ?? head);
}

/** What a rollback asks for: the revision as it was, from the image and configuration that the host has kept. */
export function keptService(
  { number, previous, desired, task }: Pick<ObservedRevision, 'number' | 'previous' | 'desired' | 'task'>,
  instances?: KeptInstance[],
): PlannedService {
  // No smoke test of a later spec is run.
  const former = { revision: number, previous };
  const back: Task = isRemoval({ task }) ? { kind: 'remove', ...former } : { kind: 'take-again', ...former, instances };
  return { ...desired, strategy: backStrategy(desired), validate: [], task: back };
}

/** Nobody is asked on the way back, and nothing is tried on a few. */
const backStrategy = ({ strategy, instances }: DesiredService): DesiredStrategy =>
  strategyKind(strategy.kind).back?.(strategy, instances) ?? strategy;
