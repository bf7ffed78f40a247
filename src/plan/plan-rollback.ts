import type { DesiredService, DesiredStrategy, KeptInstance, PlannedService, Task } from '../model/desired';
import type { ObservedRevision } from '../model/observed';
import { formerOf, isRemoval } from '../model/task';
import { strategyKind } from '../spec/strategies';

/**
 * Returns the target of a rollback: the revision before the head. If a newer revision was begun and never recorded (its
 * release was terminated), it is the head itself. Returns undefined without an earlier revision.
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
  // A rollback that was given up halfway keeps its target.
  return at(formerOf(begun)?.revision ?? head);
}

/** Returns the service as the revision had it, with the image and configuration that the host has kept. */
export function keptService(
  { number, previous, desired, task }: Pick<ObservedRevision, 'number' | 'previous' | 'desired' | 'task'>,
  instances?: KeptInstance[],
): PlannedService {
  // Tests belong to the present spec, and the kept revision needs none.
  const former = { revision: number, previous };
  const back: Task = isRemoval({ task }) ? { kind: 'remove', ...former } : { kind: 'take-again', ...former, instances };
  return { ...desired, strategy: backStrategy(desired), validate: [], task: back };
}

/** A rollback has no gates and no canaries. */
const backStrategy = ({ strategy, instances }: DesiredService): DesiredStrategy =>
  strategyKind(strategy.kind).back?.(strategy, instances) ?? strategy;
