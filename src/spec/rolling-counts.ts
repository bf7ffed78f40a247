/** The surge as a number. Percentages round up for `surge` and down for `unavailable`, as in Kubernetes. */
export function surgeCount(surge: number | string, instances: number): number {
  return typeof surge === 'number' ? surge : Math.ceil((percentOf(surge) * instances) / 100);
}

/** The number of instances that may be missing; see `surgeCount`. */
export function unavailableCount(unavailable: number | string, instances: number): number {
  return typeof unavailable === 'number' ? unavailable : Math.floor((percentOf(unavailable) * instances) / 100);
}

/** 25 for `25%`; 0 for a plain number. */
export const percentOf = (count: number | string): number =>
  typeof count === 'string' ? Number.parseInt(count, 10) : 0;
