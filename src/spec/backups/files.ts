import { z } from 'zod';
import { sentence } from '../words';

const Path = z
  .string()
  .regex(
    /^(\/(?!\.{1,2}(\/|$))[^/\0\n]+)+$/,
    'is not a path — write one such as /etc/shop, from the root, without . or .. or a / at its end',
  );

const isApart = (paths: string[]): boolean =>
  paths.every((one, at) => paths.every((other, place) => at === place || !`${one}/`.startsWith(`${other}/`)));

/** Folders and files of this machine, in one archive. */
export const files = z
  .strictObject({
    paths: sentence(
      z.array(Path).min(1).refine(isApart, 'names a path twice, or one inside another — write each once'),
      'The folders and the files.',
    ),
  })
  .describe(
    'Folders and files of the host, such as configuration, data and unit files of systemd, as one tape archive. Files that change meanwhile may be torn: stop what writes.',
  );
export type FilesBackup = z.infer<typeof files>;
