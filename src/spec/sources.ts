import { z } from 'zod';
import { fileHere } from './words';

const filesSentence =
  'is neither a file nor a list of files — write compose.yaml, or [compose.yaml, compose.prod.yaml]';
const File = z.string(filesSentence).min(1, filesSentence);

/** A single file counts as a list of one. */
export const ComposeFiles = z
  .union([File, z.array(File).min(1)], filesSentence)
  .transform((files) => [files].flat())
  .optional()
  .describe(
    'The Compose files. Absent, or the file that docker compose begins with here: what docker compose itself reads. Another file: that one alone. A list: exactly that list.',
  );

export const EnvFiles = z
  .array(z.string().min(1))
  .min(1)
  .optional()
  .describe(
    'Files with values for Compose, later ones before earlier ones; they stay on the host. The .env file of the folder where absent.',
  );

export const OverlayFile = fileHere('belay.staging.yaml');
