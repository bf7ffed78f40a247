import { createHmac } from 'node:crypto';

/** A mark of a variable's value by a host's key: 32 hexadecimal digits, from which nothing of it can be tried out without the key. */
export const shellMark =
  (key: Buffer) =>
  (name: string, value: string): string =>
    createHmac('sha256', key)
      .update(JSON.stringify(['shell', name, value]))
      .digest('hex')
      .slice(0, 32);
