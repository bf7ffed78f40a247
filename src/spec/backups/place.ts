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

/** Temporal takes what follows `#` for a comment, and knows no `?`, `L` and `W`. */
const Cron = z
  .string()
  .regex(
    /^[\dA-Za-z*,/-]+( [\dA-Za-z*,/-]+){4}$/,
    "is not a time of cron — write minute, hour, day, month and weekday, such as '0 3 * * *'",
  );

const TimeZone = z.string().refine(isTimeZone, 'is not a time zone — write its name, such as Europe/Berlin');

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

const Schedule = z
  .strictObject({
    backup: sentence(Cron.optional(), "When all backups are made, as in cron: '0 3 * * *'."),
    drill: sentence(
      Cron.optional(),
      "When the newest backups are restored into scratch instances: '0 4 1 1,4,7,10 *'.",
    ),
    time_zone: sentence(TimeZone.optional(), 'The time zone of both, such as Europe/Berlin; UTC where absent.'),
  })
  .describe('When Temporal starts backups and drills; `belay backup --schedule` tells it.');
export type BackupSchedule = z.infer<typeof Schedule>;

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
    schedule: sentence(Schedule.optional(), 'When backups and drills start by themselves.'),
  })
  .refine(({ folder, rclone }) => (folder === undefined) !== (rclone === undefined), {
    message: 'is not one place — write exactly one of folder, rclone',
  })
  .describe('The place of all backups of the platform.');
export type BackupPlace = z.infer<typeof BackupPlace>;
