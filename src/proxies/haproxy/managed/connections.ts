import { arrives, type TcpSocket, tcpSockets } from '../../../hosts/sockets';

/** A running container of a proxy. */
export interface Place {
  /** Process id of its first process. */
  pid: number;
  /** Ports of this host that the engine forwards to it. */
  ports?: number[];
}

/**
 * Tells if the kernel has connections that HAProxy has not accepted. They wait for HAProxy, for the engine's forwarder,
 * or for their client to confirm.
 */
export const anyArrives = async (place: Place): Promise<boolean> => arrives((await socketsOf(place)) ?? []);

/**
 * Tells if data that HAProxy has sent is still in the kernel or the engine's forwarder. It is lost with the network.
 * Undefined if that cannot be seen.
 */
export const anyOpen = async (place: Place): Promise<boolean | undefined> =>
  (await socketsOf(place))?.some(({ state, waiting }) => state === 'open' || waiting > 0);

async function socketsOf({ pid, ports = [] }: Place): Promise<TcpSocket[] | undefined> {
  const [inside, outside = []] = await Promise.all([tcpSockets(pid), tcpSockets()]);
  return inside && [...inside, ...outside.filter(({ port }) => ports.includes(port))];
}
