import { z } from 'zod';
import type { CheckWords } from './kind';

/** The engine's own check. */
export const docker = {
  ready: { docker: z.literal(true).optional().describe("Docker's own HEALTHCHECK says healthy.") },
} satisfies CheckWords;
