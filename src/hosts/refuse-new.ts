import { open, readlink } from 'node:fs/promises';
import { runProgram } from '../run-program';
import type { Network } from '../runtimes/runtime';
import { arrives, tcpSockets, untilNobodyArrives } from './sockets';

const POLL_MS = 20;
/** A server that does not take what has come is not waited for. */
const ARRIVAL_MS = 1_000;
/**
 * Whoever connects to this network anew is refused at once, and asks the next address of the same name; what came before goes
 * on, and what its programs ask of themselves too. Resolves when they have taken those that had come. The rules count for
 * `lasting` milliseconds, where rules can tell the time (`xt_time`), and vanish with the network.
 *
 * Nothing happens where nobody can connect, to this machine's own network, where another process has got the number since, or
 * without root or the tools (`nsenter`, `iptables`). Then a connection that comes while the process ends may be reset.
 */
export async function refuseNew({ pid, id }: Network, lasting: number): Promise<void> {
  if (!(await isApart(id)) || !(await listens(pid))) return;
  const opened = await open(`/proc/${pid}/ns/net`).catch(() => undefined);
  try {
    // An open file leads to the same network for good, whoever gets the number of the process.
    const path = `/proc/${process.pid}/fd/${opened?.fd}`;
    if (!opened || (await idOf(path)) !== id) return;
    const refused = await Promise.all(['iptables', 'ip6tables'].map((tool) => refuse({ path, tool, lasting })));
    if (refused.includes(true)) await untilTaken(pid);
  } finally {
    await opened?.close();
  }
}

const listens = async (pid: number): Promise<boolean> =>
  ((await tcpSockets(pid)) ?? []).some(({ state }) => state === 'listen');

/** Neither this process's network nor the machine's. */
async function isApart(id: string): Promise<boolean> {
  const others = await Promise.all(['self', '1'].map((one) => idOf(`/proc/${one}/ns/net`)));
  return !others.includes(id);
}

const idOf = (path: string): Promise<string | undefined> => readlink(path).catch(() => undefined);

/** No connection to itself, and nothing of one that stands. */
const rule = '! -i lo -p tcp --tcp-flags FIN,SYN,RST,ACK SYN -j REJECT --reject-with tcp-reset'.split(' ');

async function refuse({ path, tool, lasting }: { path: string; tool: string; lasting: number }): Promise<boolean> {
  const end = new Date(Date.now() + lasting).toISOString().slice(0, 19);
  const insert = async (by: string, ...more: string[]) => {
    const args = [`--net=${path}`, by, '-w', '5', '-I', 'INPUT', '1', ...rule, ...more];
    return (await runProgram({ command: 'nsenter', args, timeout: 10_000 })).code === 0;
  };
  // An older kernel may have the older table alone.
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
