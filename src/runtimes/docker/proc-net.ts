import type { Listening } from './engine';

/** Tables of a network namespace as Linux prints them: /proc/<pid>/net/tcp, tcp6, udp, udp6. */
export interface SocketTables {
  tcp: string[];
  udp: string[];
}

/** Ports on which processes listen for others. Pure. Source of the format: proc(5), /proc/net/tcp. */
export const listeningIn = ({ tcp, udp }: SocketTables): Listening => ({
  tcp: portsOf(tcp, (state) => state === LISTEN),
  // Client sockets use ports from there on, and look like a server's.
  udp: portsOf(udp, (state) => state === UNCONNECTED).filter((port) => port < FIRST_EPHEMERAL),
});

const LISTEN = '0A';
const UNCONNECTED = '07';
/** The kernel's default of net.ipv4.ip_local_port_range. */
const FIRST_EPHEMERAL = 32_768;

function portsOf(tables: string[], isOpen: (state: string) => boolean): number[] {
  const rows = tables.flatMap((text) => [...text.matchAll(/^\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) \S+ ([0-9A-F]{2}) /gm)]);
  const reached = rows.filter(([, address, , state]) => isOpen(state!) && !isLoopback(address!));
  return [...new Set(reached.map(([, , port]) => Number.parseInt(port!, 16)))].sort((a, b) => a - b);
}

/** True for 127.0.0.0/8, also within IPv6, and ::1; each word of four bytes has its last byte first. */
const isLoopback = (address: string): boolean =>
  /^(0{16}FFFF0000)?[0-9A-F]{6}7F$/.test(address) || address === `${'0'.repeat(24)}01000000`;
