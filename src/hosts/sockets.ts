import { poll } from '../poll';
import { readText } from './file';

/** A TCP socket, as the kernel's tables show it (`/proc/net/tcp`, `/proc/net/tcp6`). */
export interface TcpSocket {
  /** The socket's own port. */
  port: number;
  state: 'listen' | 'arriving' | 'open' | 'over';
  /** Connections that a listening socket's program has not accepted yet. */
  waiting: number;
}

/**
 * Returns the sockets of a process's network, or of this process's own; undefined if they cannot be seen. `arriving`:
 * the client has not confirmed yet. `over`: the other end has received all data.
 */
export async function tcpSockets(pid: number | 'self' = 'self'): Promise<TcpSocket[] | undefined> {
  const read = (table: string) => readText(`/proc/${pid}/net/${table}`).catch(() => undefined);
  const [four, six = ''] = await Promise.all([read('tcp'), read('tcp6')]);
  return four === undefined ? undefined : [...parseSockets(four), ...parseSockets(six)];
}

/** Tells if connections wait for a program to accept them, or for their client to confirm. */
export const arrives = (sockets: TcpSocket[]): boolean =>
  sockets.some(({ state, waiting }) => state === 'arriving' || waiting > 0);

/** A packet takes a moment between two processors, and the engine's forwarder between two connections. */
const QUIET_LOOKS = 3;

/** Polls `every` milliseconds until no connection arrived in three looks, or for `within` milliseconds. */
export async function untilNobodyArrives({
  arrives,
  every,
  within,
}: {
  arrives: () => Promise<boolean>;
  every: number;
  within: number;
}): Promise<void> {
  let quiet = 0;
  const until = async () => {
    quiet = (await arrives()) ? 0 : quiet + 1;
    return quiet === QUIET_LOOKS;
  };
  await poll({ until, every, within });
}

/** Parses one table, whose first line is its head. */
export const parseSockets = (table: string): TcpSocket[] =>
  table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local, , state, queues, , , , , inode] = line.trim().split(/\s+/);
      if (!local || !state || !queues) return [];
      const waiting = state === LISTEN ? Number.parseInt(queues.split(':')[1]!, 16) : 0;
      return [{ port: Number.parseInt(local.split(':')[1]!, 16), state: stateOf(state, inode), waiting }];
    });

/** States in hexadecimal, as the kernel's `tcp_states.h` numbers them. */
const [SYN_RECV, FIN_WAIT2, TIME_WAIT, CLOSE, LISTEN] = ['03', '05', '06', '07', '0A'];

function stateOf(state: string, inode = '0'): TcpSocket['state'] {
  if (state === LISTEN) return 'listen';
  if (state === SYN_RECV) return 'arriving';
  // The process has closed it, and the other end has received all data.
  if (state === FIN_WAIT2 && inode === '0') return 'over';
  return state === TIME_WAIT || state === CLOSE ? 'over' : 'open';
}
