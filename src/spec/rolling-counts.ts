/** Percentages of a rolling strategy as numbers: of `surge` rounded up, of `unavailable` rounded down, as Kubernetes does. */
export function surgeCount(surge: number | string, instances: number): number {
  return typeof surge === 'number' ? surge : Math.ceil((percentOf(surge) * instances) / 100);
}

/** How many instances may be missing; see `surgeCount`. */
export function unavailableCount(unavailable: number | string, instances: number): number {
  return typeof unavailable === 'number' ? unavailable : Math.floor((percentOf(unavailable) * instances) / 100);
}

/** 25 of `25%`; a number of instances is no percentage and answers 0. */
export const percentOf = (count: number | string): number =>
  typeof count === 'string' ? Number.parseInt(count, 10) : 0;
