import type { Step } from '../../src/model/plan';

/** Returns the ids of all steps that come before one. */
export function stepsAhead(steps: Step[], id: string): string[] {
  const needsOf = new Map(steps.map((step) => [step.id, step.needs]));
  const found = new Set(needsOf.get(id));
  // The loop also visits ids that it adds meanwhile.
  for (const one of found) for (const need of needsOf.get(one) ?? []) found.add(need);
  return [...found];
}
