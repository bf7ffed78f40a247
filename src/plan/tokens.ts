/**
 * A pool of permits. Each permit is there from the start, or is provided by a step: whoever takes it then needs that step.
 * Permits keep a rolling release within its bounds by construction, whatever order its steps run in.
 */
export interface Tokens {
  /** Adds a permit; with a step, it exists once that step is done. What is owed is paid first. */
  add(step?: string): void;
  /** The needs that come with one permit; undefined when there is none. */
  take(): string[] | undefined;
  count(): number;
}

/** @param initial permits at the start; a negative number is owed, and paid by the first that are added. */
export function createTokens(initial: number): Tokens {
  let owed = Math.max(0, -initial);
  const debts: string[] = [];
  const free: Array<string | undefined> = Array.from({ length: Math.max(0, initial) }, () => undefined);
  return {
    add(step) {
      if (owed === 0) free.push(step);
      else {
        owed -= 1;
        if (step) debts.push(step);
      }
    },
    take() {
      if (free.length === 0) return undefined;
      const step = free.shift();
      return step ? [...debts, step] : [...debts];
    },
    count: () => free.length,
  };
}
