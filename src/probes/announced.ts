import type { ClientRequestArgs } from 'node:http';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

type Created = (error: Error | null, socket: Socket) => void;

/** Opens a connection that first tells its source, by the PROXY protocol (version 1). */
export function announced(options: ClientRequestArgs, created: Created): undefined {
  const socket = connect(options as NetConnectOpts);
  const failed = (error: Error) => created(error, socket);
  socket.once('error', failed).once('connect', () => {
    socket.off('error', failed).write(lineOf(socket));
    created(null, socket);
  });
}

/** Does the same, with TLS after it. */
export function announcedSecurely(options: ClientRequestArgs, created: Created): undefined {
  announced(options, (error, socket) =>
    created(error, error ? socket : connectTls({ ...(options as ConnectionOptions), socket })),
  );
}

/** Names addresses, as HAProxy's checks do: some services refuse UNKNOWN. */
const lineOf = ({ localFamily, localAddress, localPort, remoteAddress, remotePort }: Socket): string =>
  `PROXY ${localFamily === 'IPv6' ? 'TCP6' : 'TCP4'} ${localAddress} ${remoteAddress} ${localPort} ${remotePort}\r\n`;
