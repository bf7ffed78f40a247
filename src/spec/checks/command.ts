import { argv } from '../argv';
import type { CheckWords } from './kind';

/** A program inside the instance. */
export const command = {
  ready: {
    command: argv()
      .optional()
      .describe('A program in the container, with its arguments, that ends with 0 when the instance is ready.'),
  },
} satisfies CheckWords;
