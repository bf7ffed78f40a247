import { z } from 'zod';
import { argv } from '../argv';
import type { CheckWords } from './kind';

const verbatim = 'No shell reads its words, and variables in them stay as they are; they are no secrets.';

/** A program inside the instance, or on the host. */
export const command = {
  ready: {
    command: argv()
      .optional()
      .describe(
        `A program in the container, with its arguments, that ends with 0 when the instance is ready; on the host with where: host. ${verbatim}`,
      ),
    where: z
      .enum(['container', 'host'])
      .optional()
      .describe(
        'Where command runs: container where absent. host: beside the worker, in the folder of belay.yaml, with BELAY_ADDRESS.',
      ),
  },
  need: {
    command: argv()
      .optional()
      .describe(
        `A program on the host, with its arguments, that ends with 0 when all is well; it runs in the folder of belay.yaml. ${verbatim}`,
      ),
  },
  asks: ({ command, where, port }: { command?: string[]; where?: string; port?: number }) =>
    command !== undefined && where === 'host' ? port : undefined,
} satisfies CheckWords;
