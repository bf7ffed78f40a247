import { z } from 'zod';
import { oneLine } from './argv';
import { Time } from './duration';
import { sentence } from './words';

const sentenceOf = 'is not a command — write a list of the program and its arguments, such as [npm, run, migrate]';
const Command = z
  .array(z.string(sentenceOf), {
    error: ({ input }) => (input === undefined ? undefined : (oneLine(input) ?? sentenceOf)),
  })
  .min(1, sentenceOf);

/** The keys of a program that runs once and ends. */
export const jobKeys = {
  timeout: sentence(
    Time.refine((ms) => ms > 0, 'takes no time at all — write more than 0s').prefault('10m'),
    'Longest time to run; then it is stopped, and has failed.',
  ),
  pending: sentence(
    Command.optional(),
    'A command that exits with 0 if nothing is to be done, such as [dbmate, status, --exit-code]: then the job does not run.',
  ),
  undo: sentence(Command.optional(), 'The command that takes back what it has done, on a rollback.'),
  point_of_no_return: sentence(
    z.boolean().default(false),
    'Nothing can take it back: an approval comes first, and after its start the release no longer rolls back.',
  ),
};

/** @param Name the schema of names. */
export const jobSchema = (Name: z.ZodType<string>) =>
  z
    .strictObject({
      name: sentence(Name, 'The name shown in the plan.'),
      when: sentence(
        z.enum(['before', 'after']).default('before'),
        'before: before any change in traffic, such as a migration that expands; after: once no former instance runs, such as one that contracts.',
      ),
      command: sentence(Command, 'The program and its arguments; the entrypoint of the image stays.'),
      ...jobKeys,
    })
    .describe(
      'A program that a release runs once, with the image, environment, networks and mounts of the new revision.',
    );
