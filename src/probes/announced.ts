import type { ClientRequestArgs } from 'node:http';
import { connect, type NetConnectOpts, type Socket } from 'node:net';

type Created = (error: Error | null, socket: Socket) => void;

/** A connection for a request that says first, by the PROXY protocol (version 1), where it comes from. */
export function announced(options: ClientRequestArgs, created: Created): undefined {
  const socket = connect(options as NetConnectOpts);
  const failed = (error: Error) => created(error, socket);
  socket.once('error', failed).once('connect', () => {
    socket.off('error', failed).write(lineOf(socket));
    created(null, socket);
  });
}

/** With addresses, as HAProxy's checks have it: there are services that take no UNKNOWN. */
const lineOf = ({ localFamily, localAddress, localPort, remoteAddress, remotePort }: Socket): string =>
  `PROXY ${localFamily === 'IPv6' ? 'TCP6' : 'TCP4'} ${localAddress} ${remoteAddress} ${localPort} ${remotePort}\r\n`;
