import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream';

/** Leads connections at an address of this host to a port on loopback. */
export async function forward({ host, port }: { host: string; port: number }) {
  const open = new Set<Socket>();
  // Small messages go on at once, as without a forwarder.
  const server = createServer({ noDelay: true }, (from) => {
    const to = connect({ host: '127.0.0.1', port, noDelay: true });
    for (const socket of [from, to]) {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
    }
    // The end of either is the end of both, and whoever uses the connection sees it.
    pipeline(from, to, from, () => undefined);
  });
  server.listen(0, host);
  await once(server, 'listening');
  const address = `${host}:${(server.address() as AddressInfo).port}`;
  const end = async () => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { address, end };
}
