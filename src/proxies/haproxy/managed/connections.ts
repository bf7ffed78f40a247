import { arrives, type TcpSocket, tcpSockets } from '../../../hosts/sockets';

/** A container of a proxy that runs. */
export interface Place {
  /** Of its first process. */
  pid: number;
  /** Those of this host that the engine forwards to it. */
  ports?: number[];
}

/**
 * The kernel has connections for it that HAProxy does not know of yet: they wait for HAProxy, for the engine's forwarder, or
 * for their client to confirm.
 */
export const anyArrives = async (place: Place): Promise<boolean> => arrives((await socketsOf(place)) ?? []);

/**
 * What HAProxy has written may still be on its way to the client, in the kernel or in the engine's forwarder, and is lost
 * with the network. Undefined where that cannot be seen.
 */
export const anyOpen = async (place: Place): Promise<boolean | undefined> =>
  (await socketsOf(place))?.some(({ state, waiting }) => state === 'open' || waiting > 0);

async function socketsOf({ pid, ports = [] }: Place): Promise<TcpSocket[] | undefined> {
  const [inside, outside = []] = await Promise.all([tcpSockets(pid), tcpSockets()]);
  return inside && [...inside, ...outside.filter(({ port }) => ports.includes(port))];
}
