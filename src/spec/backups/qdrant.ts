import { z } from 'zod';
import { sentence } from '../words';

/** All collections of a Qdrant, by its own snapshots. */
export const qdrant = z
  .strictObject({
    port: sentence(z.number().int().min(1).max(65535).default(6333), 'The port of its HTTP API in the container.'),
  })
  .describe('All collections of a Qdrant of one node, each as its own snapshot, and their aliases.');
export type QdrantBackup = z.infer<typeof qdrant>;
