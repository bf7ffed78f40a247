import { BelayError } from '../../errors';
import type { ServerStat, ServerState } from './parse';

/** The form of a server's address: `127.0.0.1:20001`, or a name for HAProxy's own resolver, `api-1:8080`. */
export interface Addressing {
  kind: 'ip' | 'name';
  /** Returns host and port. Throws `proxy-refused` for an invalid address. */
  split(address: string): [host: string, port: number];
  shown(stat: ServerStat, state: ServerState): string;
  isFixed(stat: ServerStat, state: ServerState): boolean;
  isOut(state: ServerState): boolean;
}

/** Name of a server without an instance. */
export const FREE_NAME = 'free.invalid';

const IP = /^(\d+\.\d+\.\d+\.\d+|\[[0-9a-fA-F:]+\]):(\d+)$/;
const NAME = /^([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?):(\d+)$/;

/** For servers whose address Belay sets; a server without an address counts as out. */
export const ipAddressing: Addressing = {
  kind: 'ip',
  split: (address) => split(address, IP, 'Give an IP address and a port, such as 127.0.0.1:20001.'),
  shown: ({ address }) => address,
  isFixed: ({ address }, { name }) => name === '' && !address.startsWith('127.0.0.1:'),
  isOut: ({ maintenance, unresolved }) => maintenance || unresolved,
};

/** For servers whose name Belay sets; a server whose name has no address keeps its place, and fails. */
export const nameAddressing: Addressing = {
  kind: 'name',
  split: (address) => split(address, NAME, "Give a container's name and a port, such as shop-api-1:8080."),
  shown: (_stat, { name, port }) => `${name}:${port}`,
  isFixed: () => false,
  isOut: ({ maintenance }) => maintenance,
};

/** HAProxy itself takes port 99999 for 34463. */
function split(address: string, pattern: RegExp, hint: string): [string, number] {
  const [, host = '', digits] = pattern.exec(address) ?? [];
  const port = Number(digits);
  if (host !== '' && port >= 1 && port <= 65_535) return [host.replace(/^\[|\]$/g, ''), port];
  throw new BelayError('proxy-refused', `"${address}" is not a valid server address`, { hint });
}
