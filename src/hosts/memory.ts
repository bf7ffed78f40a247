import { readText } from './file';

/** Returns the bytes that programs of this machine can still have; undefined where its kernel does not tell. */
export async function availableMemory(): Promise<number | undefined> {
  const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec((await readText('/proc/meminfo').catch(() => '')) ?? '')?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}
