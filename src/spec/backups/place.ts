import { z } from 'zod';
import { sentence } from '../words';
import { AbsolutePath } from './parts';

/** A remote by its name in the host's own configuration: a connection string would let a spec name any server. */
const Remote = z
  .string()
  .regex(
    /^\w[\w.+@ -]*:[^\0\n]*$/,
    "is not a remote of rclone — write its name in the host's configuration, such as offsite:shop",
  );

/** Where all backups of a platform go. */
export const BackupPlace = z
  .strictObject({
    folder: sentence(AbsolutePath.optional(), 'A folder of the host, or of a disk that is mounted there.'),
    rclone: sentence(
      Remote.optional(),
      "A remote of rclone and a folder in it, such as offsite:shop, as the host's own configuration has it.",
    ),
    identity: sentence(
      AbsolutePath.optional(),
      'The file of an identity of age on the host: encrypted backups are verified and restored with it.',
    ),
  })
  .refine(({ folder, rclone }) => (folder === undefined) !== (rclone === undefined), {
    message: 'is not one place — write exactly one of folder, rclone',
  })
  .describe('The place of all backups of the platform.');
export type BackupPlace = z.infer<typeof BackupPlace>;
