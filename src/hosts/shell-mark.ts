import { createHmac } from 'node:crypto';

/**
 * Returns a mark of a variable's value under the host's key: 32 hexadecimal digits. Without the key, the value cannot
 * be guessed from it.
 */
export const shellMark =
  (key: Buffer) =>
  (name: string, value: string): string =>
    createHmac('sha256', key)
      .update(JSON.stringify(['shell', name, value]))
      .digest('hex')
      .slice(0, 32);
