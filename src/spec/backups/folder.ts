import { z } from 'zod';
import { sentence } from '../words';
import { AbsolutePath } from './parts';

/** A folder of this machine. */
export const folder = z
  .strictObject({
    path: sentence(AbsolutePath, 'The folder.'),
  })
  .describe('A folder of the host, as a tape archive. Files that change meanwhile may be torn: stop what writes.');
export type FolderBackup = z.infer<typeof folder>;
