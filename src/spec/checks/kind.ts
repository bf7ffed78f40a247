import type { z } from 'zod';

/**
 * The spec's keys for one kind of check. Its main key has the kind's name; the other keys belong to this kind alone.
 */
export interface CheckWords {
  /** Keys of health.ready; absent if the kind cannot check readiness. */
  ready?: Record<string, z.ZodType>;
  /** Keys of a validation beyond those of readiness; absent if the kind has none. */
  validation?: Record<string, z.ZodType>;
  /** Keys of a need; absent if the kind cannot check a need. */
  need?: Record<string, z.ZodType>;
  /** The container port of a readiness check; absent for a check without a port. */
  asks?: (check: never) => number | undefined;
  /** Set for a kind that tells of the start alone, so it cannot check liveness. */
  once?: true;
}
