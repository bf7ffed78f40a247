import { z } from 'zod';
import { sentence } from '../words';
import { AbsolutePath } from './parts';

/** A folder of a container, such as the place of a volume. */
export const volume = z
  .strictObject({
    path: sentence(AbsolutePath, 'The place of the volume in the container.'),
  })
  .describe('A volume, as a tape archive by the engine. Files that change meanwhile may be torn: stop what writes.');
export type VolumeBackup = z.infer<typeof volume>;
