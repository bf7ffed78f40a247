import { z } from 'zod';

/** A name that begins with a hyphen would be an option of the tools, and one with = or / an address. */
const name = (what: string) =>
  z
    .string()
    .min(1)
    .max(63)
    .regex(/^[^-=/\0\n][^=/\0\n]*$/, `is not ${what}`);

export const Database = name('the name of a database — write one such as shop');
export const User = name('the name of a user — write one such as shop');

export const AbsolutePath = z
  .string()
  .regex(/^\/[^\0\n]*$/, 'is not a path — write one that starts with /, such as /srv/uploads');
