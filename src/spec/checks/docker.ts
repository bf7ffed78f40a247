import { z } from 'zod';
import type { CheckWords } from './kind';

/** Docker's own HEALTHCHECK. */
export const docker = {
  ready: { docker: z.literal(true).optional().describe("Docker's own HEALTHCHECK says healthy.") },
} satisfies CheckWords;
