import { z } from 'zod';
import { absolutePath, fileHere, isHere, notHere, sentence } from './words';

export const ConfigFileName = fileHere('.env');

const Key = z.string().min(1);
const valueSentence = 'is not a value — write text, a number, true or false';
const Value = z.union([z.string(), z.number(), z.boolean()], valueSentence);

/** How a file of the host goes from one version's example to the next one's. */
export const ConfigFile = z
  .strictObject({
    from: sentence(
      z.string().min(1),
      'The example of the version to be released, such as .env.example; of the same format as the file.',
    ),
    image: sentence(
      z.string().min(1).optional(),
      'The service whose image has the example, at the absolute path that from gives; a file of this folder where absent.',
    ),
    was: sentence(
      z.string().min(1).optional(),
      'The example of the version before, or the folder of that version; the copy that the last migration kept where absent.',
    ),
    rename: sentence(z.record(Key, Key).default({}), 'Keys with another name: the old one, and the new one.'),
    drop: sentence(z.array(Key).default([]), 'Keys to take out.'),
    set: sentence(z.record(Key, Value).default({}), 'Keys with the value that they are to have. No secrets.'),
    from_secret: sentence(
      z.record(Key, z.string().min(1)).default({}),
      "Keys with the secret that they are to have: a file of the host (a path with a slash), or a variable of the command's environment.",
    ),
    unset: sentence(
      z.enum(['refuse', 'keep', 'default']).default('refuse'),
      "For new keys that need a value: refuse (default) until they have one; keep the file without them; or take the example's placeholder (default).",
    ),
  })
  .superRefine(({ from, image }, context) => {
    const message =
      image === undefined
        ? notHere('.env')
        : 'is no path in an image — write one that begins with /, such as /app/.env.example, or leave image out';
    if (image === undefined ? !isHere.test(from) : !/^\/[^\0]+$/.test(from))
      context.addIssue({ code: 'custom', path: ['from'], message });
  })
  .describe('A configuration file of the host, and what its keys become.');

export type ConfigFile = z.infer<typeof ConfigFile>;

/** A file or folder that instances have as it was when their revision was released. */
export const OwnFile = z
  .strictObject({
    path: sentence(
      z.string().regex(isHere, 'is not in this folder — write its path from here, such as ./config'),
      'The file or folder, by its path from this folder.',
    ),
    mount: sentence(absolutePath, 'Where instances see it, read-only.'),
  })
  .describe('A file or folder that instances mount as their own copy.');
