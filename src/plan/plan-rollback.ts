import type { DesiredService, DesiredStrategy, KeptInstance } from '../model/desired';
import type { ObservedRevision } from '../model/observed';
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
  return at(begun.desired.kept?.revision ?? head);
}

/** What a rollback asks for: the revision as it was, from the image and configuration that the host has kept. */
export function keptService(
  { number, previous, desired }: Pick<ObservedRevision, 'number' | 'previous' | 'desired'>,
  instances?: KeptInstance[],
): DesiredService {
  // No smoke test of a later spec is run.
  return { ...desired, strategy: backStrategy(desired), validate: [], kept: { revision: number, previous, instances } };
}

/** Nobody is asked on the way back, and nothing is tried on a few. */
const backStrategy = ({ strategy, instances }: DesiredService): DesiredStrategy =>
  strategyKind(strategy.kind).back?.(strategy, instances) ?? strategy;
