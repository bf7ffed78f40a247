import { z } from 'zod';

/** A line for a shell, in place of a list. */
const oneLine = ({ input }: { input: unknown }) =>
  typeof input === 'string' ? `is one text — write a list, as [${input.trim().split(/\s+/).join(', ')}]` : undefined;

/** A program and its arguments; no shell reads them. `empty` is the message for a list without words. */
export const argv = (empty?: string) =>
  z.array(z.string().min(1), { error: oneLine }).min(1, empty === undefined ? undefined : { error: empty });
