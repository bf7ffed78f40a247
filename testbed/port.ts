import { connect, createServer } from 'node:net';

// Below the kernel's ephemeral range (32768 and up). So no outgoing connection of a load can take a port while its
// server restarts. Above 20999, the end of the instances' reserved range.
const FIRST = 21_000;
const LAST = 31_999;
const given = new Set<number>();

/** Returns a free TCP port on loopback that this process has not handed out before. */
export async function freePort(): Promise<number> {
  const port = FIRST + Math.floor(Math.random() * (LAST - FIRST + 1));
  if (given.has(port) || !(await canListen(port))) return freePort();
  given.add(port);
  return port;
}

/** Returns true if something accepts connections at this port of loopback. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true)).once('error', () => settle(false));
  });
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)));
  });
}

/** A host's name that nobody has. The resolver knows by itself: a part of a name has 63 letters at most. */
export const unknownHost = `${'x'.repeat(64)}.invalid`;
