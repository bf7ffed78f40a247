import { execFile } from 'node:child_process';
import { readlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { arrives, tcpSockets } from './sockets';

const run = promisify(execFile);

const POLL_MS = 20;
/** Between two processors a packet is on its way for a moment. */
const QUIET_LOOKS = 3;
/** A server that does not take what has come is not waited for. */
const ARRIVAL_MS = 1_000;

/**
 * Whoever connects to the network of this process anew is refused at once, and asks the next address of the same name; what
 * came before goes on, and what it asks of itself too. Resolves when the process has taken those that had come. The rules
 * vanish with the network. Nothing happens to one that nobody can connect to, to this machine's own network, or without the
 * right to it or the tools (`nsenter`, `iptables`): then a connection that comes while the process ends may be reset.
 */
export async function refuseNew(pid: number): Promise<void> {
  if (!(await isApart(pid)) || !(await listens(pid))) return;
  const refused = await Promise.all(['iptables', 'ip6tables'].map((tool) => refuse(pid, tool)));
  if (refused.includes(true)) await untilTaken(pid);
}

const listens = async (pid: number): Promise<boolean> =>
  ((await tcpSockets(pid)) ?? []).some(({ state }) => state === 'listen');

/** Neither this process's network nor the machine's. */
async function isApart(pid: number): Promise<boolean> {
  const networks = ['self', '1', `${pid}`].map((one) => readlink(`/proc/${one}/ns/net`).catch(() => undefined));
  const [own, machine, its] = await Promise.all(networks);
  return its !== undefined && its !== own && its !== machine;
}

/** No connection to itself, and nothing of one that stands. */
const rule = '! -i lo -p tcp --tcp-flags FIN,SYN,RST,ACK SYN -j REJECT --reject-with tcp-reset'.split(' ');

const refuse = (pid: number, tool: string): Promise<boolean> =>
  run('nsenter', ['-t', `${pid}`, '-n', tool, '-w', '5', '-I', 'INPUT', '1', ...rule], { timeout: 10_000 }).then(
    () => true,
    () => false,
  );

async function untilTaken(pid: number): Promise<void> {
  const deadline = Date.now() + ARRIVAL_MS;
  for (let quiet = 0; quiet < QUIET_LOOKS && Date.now() < deadline; await sleep(POLL_MS))
    quiet = arrives((await tcpSockets(pid)) ?? []) ? 0 : quiet + 1;
}
