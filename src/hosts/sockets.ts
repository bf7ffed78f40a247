import { poll } from '../poll';
import { readText } from './file';

/** A TCP socket, as the kernel's tables show it (`/proc/net/tcp`, `/proc/net/tcp6`). */
export interface TcpSocket {
  /** Its own. */
  port: number;
  state: 'listen' | 'arriving' | 'open' | 'over';
  /** Connections that one that listens has not been asked for yet. */
  waiting: number;
}

/**
 * Those of the network that a process is in, or of this process's own; undefined where they cannot be seen.
 * `arriving`: the client has not confirmed yet. `over`: all that was to be sent has arrived at the other end.
 */
export async function tcpSockets(pid: number | 'self' = 'self'): Promise<TcpSocket[] | undefined> {
  const read = (table: string) => readText(`/proc/${pid}/net/${table}`).catch(() => undefined);
  const [four, six = ''] = await Promise.all([read('tcp'), read('tcp6')]);
  return four === undefined ? undefined : [...parseSockets(four), ...parseSockets(six)];
}

/** There are connections that no program has been given yet: they wait for one, or for their client to confirm. */
export const arrives = (sockets: TcpSocket[]): boolean =>
  sockets.some(({ state, waiting }) => state === 'arriving' || waiting > 0);

/** Between two processors a packet is on its way for a moment, and the engine's forwarder between two connections. */
const QUIET_LOOKS = 3;

/** Looks `every` so many milliseconds until nobody has arrived three times in a row, or the time `within` is over. */
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

/** One table, whose first line is its head. */
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

/** In hexadecimal, as the kernel's `tcp_states.h` numbers them. */
const [SYN_RECV, FIN_WAIT2, TIME_WAIT, CLOSE, LISTEN] = ['03', '05', '06', '07', '0A'];

function stateOf(state: string, inode = '0'): TcpSocket['state'] {
  if (state === LISTEN) return 'listen';
  if (state === SYN_RECV) return 'arriving';
  // No process has it any more, and the other end has all of it.
  if (state === FIN_WAIT2 && inode === '0') return 'over';
  return state === TIME_WAIT || state === CLOSE ? 'over' : 'open';
}
