import { z } from 'zod';
import type { CheckWords } from './kind';
import { address, url } from './parts';

/** Qdrant's readiness, and a collection. */
export const qdrant = {
  need: {
    qdrant: address(
      url('https?'),
      `is not the address of a Qdrant — write one such as http://qdrant:6333, or http://:\${KEY}@qdrant:6333`,
    ).describe('The address of a Qdrant that has to be ready; its API key stands as the password.'),
    collection: z.string().min(1).optional().describe('A collection that has to be there.'),
  },
} satisfies CheckWords;
