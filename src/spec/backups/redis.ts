import { z } from 'zod';
import { sentence } from '../words';
import { AbsolutePath } from './parts';

/** All databases of a Redis, as a snapshot. */
export const redis = z
  .strictObject({
    data: sentence(
      AbsolutePath.default('/data'),
      'The folder of its files in the container, as the setting `dir` has it.',
    ),
  })
  .describe('All databases of a Redis, as a snapshot (RDB); its append-only file is not copied.');
export type RedisBackup = z.infer<typeof redis>;
