import { readFile } from 'node:fs/promises';

/** The id of the machine's present boot: another one after each. */
export const bootId = async (): Promise<string> => (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
