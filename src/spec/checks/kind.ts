import type { z } from 'zod';

/** What the spec says of one kind of check. Its own key has its name; the other keys belong to it alone. */
export interface CheckWords {
  /** Keys of health.ready; absent where an instance is not asked so. */
  ready?: Record<string, z.ZodType>;
  /** Keys of a need; absent where nothing outside of the spec is asked so. */
  need?: Record<string, z.ZodType>;
  /** The container port that a readiness check asks; absent where it asks none. */
  asks?: (check: never) => number | undefined;
}
