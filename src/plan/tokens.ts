/**
 * A pool of permits. A permit exists from the start, or from the end of a step, which its taker then needs. Permits
 * keep a rolling release within its bounds in whatever order its steps run.
 */
export interface Tokens {
  /** Adds a permit; with a step, it exists once that step is done. Debts are paid first. */
  add(step?: string): void;
  /** Returns the needs of one permit; undefined when there is none. */
  take(): string[] | undefined;
  count(): number;
}

/** @param initial permits at the start. A negative number is a debt that the first added permits pay. */
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
