import { open, readlink } from 'node:fs/promises';
import { runProgram } from '../run-program';
import { arrives, tcpSockets, untilNobodyArrives } from './sockets';

/** A network namespace of this machine. */
export interface Network {
  /** A process within it, by which it is found. */
  pid: number;
  /** The kernel's id, which shows whether the process is still the same. */
  id: string;
}

const POLL_MS = 20;
/** Longest wait for a server that does not accept its connections. */
const ARRIVAL_MS = 1_000;
/**
 * Refuses new connections to this network at once, so that clients try the next address of the same name. Established
 * connections, and those from the network to itself, go on. Resolves when the programs have accepted the connections
 * that had arrived. The rules apply for `duration` milliseconds, if rules can tell the time (`xt_time`), and vanish
 * with the network.
 * Does nothing for this machine's own network, for one without clients, or if another process has taken the number. It
 * also does nothing without root or the tools (`nsenter`, `iptables`). A connection that arrives while the process ends
 * may then be reset.
 */
export async function refuseNew({ pid, id }: Network, duration: number): Promise<void> {
  if (!(await isApart(id)) || !(await listens(pid))) return;
  const opened = await open(`/proc/${pid}/ns/net`).catch(() => undefined);
  try {
    // An open file keeps the network, even if another process takes the number.
    const path = `/proc/${process.pid}/fd/${opened?.fd}`;
    if (!opened || (await idOf(path)) !== id) return;
    const refused = await Promise.all(['iptables', 'ip6tables'].map((tool) => refuse({ path, tool, duration })));
    if (refused.includes(true)) await untilTaken(pid);
  } finally {
    await opened?.close();
  }
}

const listens = async (pid: number): Promise<boolean> =>
  ((await tcpSockets(pid)) ?? []).some(({ state }) => state === 'listen');

/** Tells if the network is neither this process's nor the machine's. */
async function isApart(id: string): Promise<boolean> {
  const others = await Promise.all(['self', '1'].map((one) => idOf(`/proc/${one}/ns/net`)));
  return !others.includes(id);
}

const idOf = (path: string): Promise<string | undefined> => readlink(path).catch(() => undefined);

/** Excludes connections to itself, and packets of established ones. */
const rule = '! -i lo -p tcp --tcp-flags FIN,SYN,RST,ACK SYN -j REJECT --reject-with tcp-reset'.split(' ');

async function refuse({ path, tool, duration }: { path: string; tool: string; duration: number }): Promise<boolean> {
  const end = new Date(Date.now() + duration).toISOString().slice(0, 19);
  const insert = async (by: string, ...more: string[]) => {
    const args = [`--net=${path}`, by, '-w', '5', '-I', 'INPUT', '1', ...rule, ...more];
    return (await runProgram({ command: 'nsenter', args, timeout: 10_000 })).code === 0;
  };
  // An older kernel may have the older table only.
  for (const by of [tool, `${tool}-legacy`])
    if ((await insert(by, '-m', 'time', '--datestop', end)) || (await insert(by))) return true;
  return false;
}

const untilTaken = (pid: number): Promise<void> =>
  untilNobodyArrives({
    arrives: async () => arrives((await tcpSockets(pid)) ?? []),
    every: POLL_MS,
    within: ARRIVAL_MS,
  });
