import { readText } from './file';

/**
 * The kernel's tables of this network namespace. Reading them has no effect on traffic; binding a port to try it would.
 */
const tables = ['/proc/net/tcp', '/proc/net/tcp6'];

/** State LISTEN, as the tables write it. */
const listen = '0A';

/** Addresses whose listener blocks one on 127.0.0.1, as the tables write them (each 32-bit word is little-endian). */
const inTheWay = new Set([
  '0100007F', // 127.0.0.1
  '00000000', // 0.0.0.0
  '00000000000000000000000000000000', // ::
  '0000000000000000FFFF00000100007F', // ::ffff:127.0.0.1
  '0000000000000000FFFF000000000000', // ::ffff:0.0.0.0
]);

/** Returns the ports of the range, ascending, that have no listener at 127.0.0.1 or at all addresses. */
export async function freeLoopbackPorts({ first, last }: { first: number; last: number }): Promise<number[]> {
  const taken = await listeningPorts();
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index).filter(
    (port) => !taken.has(port),
  );
}

/** Tells if the port has no listener at 127.0.0.1 or at all addresses. */
export async function isFree(port: number): Promise<boolean> {
  return !(await listeningPorts()).has(port);
}

async function listeningPorts(): Promise<Set<number>> {
  const texts = await Promise.all(tables.map(readText));
  return new Set(texts.flatMap((text) => parseListeners(text ?? '')));
}

/** Returns the listened ports of a /proc/net/tcp table that block loopback. */
export function parseListeners(table: string): number[] {
  return table.split('\n').flatMap((line) => {
    const [, local, , state] = line.trim().split(/\s+/);
    const [address, port] = (local ?? '').split(':');
    return state === listen && port && inTheWay.has(address!) ? [Number.parseInt(port, 16)] : [];
  });
}
