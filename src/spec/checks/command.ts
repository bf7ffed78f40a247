import { z } from 'zod';
import type { CheckWords } from './kind';

/** A program inside the instance. */
export const command = {
  ready: {
    command: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('A program in the container, with its arguments, that ends with 0 when the instance is ready.'),
  },
} satisfies CheckWords;
