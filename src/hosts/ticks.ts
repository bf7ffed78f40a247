import { readFile } from 'node:fs/promises';

/** Milliseconds of a tick of the kernel's clock, by which it tells when a process began. */
export const tick = 10;

/** Returns the ticks since boot. */
export async function ticksNow(): Promise<number> {
  const [seconds = '0'] = (await readFile('/proc/uptime', 'utf8')).split(' ');
  return Number(seconds) * (1_000 / tick);
}
