import { readdir, readFile, readlink } from 'node:fs/promises';
import { BelayError } from '../../errors';
import { errnoOf } from '../../hosts/file';

/** One worker process of nginx. */
export interface Worker {
  pid: number;
  /** Its start, in ticks since boot. */
  start: number;
}

export interface Workers {
  master: number;
  /** Workers that take new connections. */
  current: Worker[];
  /** Workers that a reload left behind: they only end what they have. */
  leaving: Worker[];
}

const masterTitle = 'nginx: master process';
const workerTitle = 'nginx: worker process';
const leavingTitle = `${workerTitle} is shutting down`;
/** SIGHUP, by which nginx reloads, in the kernel's sets of signals. */
const hangup = 1n;

/** Returns the workers of the master that the pid file names. Throws `proxy-unreachable` if no nginx runs there. */
export async function workersOf(pidFile: string): Promise<Workers> {
  const master = await masterOf(pidFile);
  const children = await textOf(`/proc/${master}/task/${master}/children`);
  const pids = children.split(' ').filter(Boolean).map(Number);
  const all = (await Promise.all(pids.map(workerAt))).filter((one) => one !== undefined);
  const only = (leaves: boolean) =>
    all.filter(({ leaving }) => leaving === leaves).map(({ pid, start }) => ({ pid, start }));
  return { master, current: only(false), leaving: only(true) };
}

/** Returns the master's process id. Throws `proxy-unreachable`. */
export async function masterOf(pidFile: string): Promise<number> {
  const text = await readFile(pidFile, 'utf8').catch((error: unknown) => {
    throw unreachable(`${pidFile}, nginx's pid file, cannot be read (${errnoOf(error)})`);
  });
  const pid = Number(text.trim());
  const title = Number.isInteger(pid) && pid > 0 ? await titleOf(pid) : '';
  if (title.startsWith(masterTitle)) return pid;
  throw unreachable(`${pidFile} names process ${text.trim() || 'none'}, which is no master of nginx`);
}

/** True while the worker takes new connections; by its own process, so that it holds without its master too. */
export async function isCurrent({ pid, start }: Worker): Promise<boolean> {
  const seen = await workerAt(pid);
  return seen !== undefined && seen.start === start && !seen.leaving;
}

/**
 * True while the master waits for signals. It blocks them from the moment it begins to read its configuration until all
 * former workers are told to leave.
 */
export async function isIdle(master: number): Promise<boolean> {
  const status = await textOf(`/proc/${master}/status`);
  const sets = ['SigBlk', 'SigPnd', 'ShdPnd'].map((name) => new RegExp(`^${name}:\\s*(\\w+)$`, 'm').exec(status)?.[1]);
  return sets.every((set) => set !== undefined && (BigInt(`0x${set}`) & hangup) === 0n);
}

/** True unless the worker has no connection to the address, or has gone. Another user's worker shows none: true. */
export async function mayHold({ pid }: Worker, address: string): Promise<boolean> {
  try {
    const fds = await readdir(`/proc/${pid}/fd`);
    const links = await Promise.all(fds.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
    const own = new Set(links.map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1]));
    return (await connectionsTo(pid, address)).some((inode) => own.has(inode));
  } catch (error) {
    return errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'ESRCH';
  }
}

/** Returns the inodes of the connections to an address that the worker's network has. */
async function connectionsTo(pid: number, address: string): Promise<string[]> {
  const wanted = kernelAddress(address);
  const rows = (await readFile(`/proc/${pid}/net/tcp`, 'utf8')).split('\n').map((row) => row.trim().split(/\s+/));
  return rows.filter((cells) => cells[2] === wanted).map((cells) => cells[9]!);
}

/** Returns an IPv4 address as `/proc/net/tcp` writes it on a little-endian machine: `0100007F:4E21`. */
function kernelAddress(address: string): string {
  const [host = '', port] = address.split(':');
  const hex = (value: number, width: number) => value.toString(16).toUpperCase().padStart(width, '0');
  return `${host
    .split('.')
    .reverse()
    .map((part) => hex(Number(part), 2))
    .join('')}:${hex(Number(port), 4)}`;
}

async function workerAt(pid: number): Promise<(Worker & { leaving: boolean }) | undefined> {
  const [title, stat] = await Promise.all([titleOf(pid), textOf(`/proc/${pid}/stat`)]);
  if (!title.startsWith(workerTitle) || stat === '') return undefined;
  // The name in parentheses may contain spaces; the start is the 20th word after it.
  const start = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  return { pid, start, leaving: title.startsWith(leavingTitle) };
}

/** A process's title: nginx writes it over its arguments. */
const titleOf = async (pid: number): Promise<string> => (await textOf(`/proc/${pid}/cmdline`)).replaceAll('\0', ' ');

/** Returns a file of the kernel; an empty text for a process that has gone. */
const textOf = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');

const unreachable = (message: string): BelayError =>
  new BelayError('proxy-unreachable', message, {
    hint: 'start nginx (systemctl start nginx), or write pid: with the path of its pid file into belay.yaml',
  });
