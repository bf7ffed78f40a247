import { readdir, readFile, readlink } from 'node:fs/promises';

/** Where control groups are mounted: unified, or beside those of version 1. */
const mounts = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd'];

/** The processes of a control group and of the groups in it. */
export async function processesOf(cgroup: string): Promise<number[]> {
  if (cgroup === '') return [];
  for (const mount of mounts) {
    const found = await processesIn(`${mount}${cgroup}`);
    if (found) return found;
  }
  return [];
}

async function processesIn(folder: string): Promise<number[] | undefined> {
  const text = await readFile(`${folder}/cgroup.procs`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const inner = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const below = inner.filter((one) => one.isDirectory()).map((one) => processesIn(`${folder}/${one.name}`));
  return [...text.split('\n').filter(Boolean).map(Number), ...(await Promise.all(below)).flatMap((one) => one ?? [])];
}

/** The file that a process runs, as the kernel knows it; undefined if it has ended. */
export const executableOf = (pid: number): Promise<string | undefined> =>
  readlink(`/proc/${pid}/exe`).catch(() => undefined);

/** The start of a process in clock ticks since boot: with the id, it is that very process. */
export async function startOfProcess(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19];
}

/** TCP ports of the host at which these processes listen, ascending. */
export async function portsOf(pids: number[]): Promise<number[]> {
  const own = new Set((await Promise.all(pids.map(socketsOf))).flat());
  const ports = (await listeners()).filter(({ inode }) => own.has(inode)).map(({ port }) => port);
  return [...new Set(ports)].sort((a, b) => a - b);
}

/** Paths and names of the Unix sockets that take connections or messages for these processes. */
export async function unixSocketsOf(pids: number[]): Promise<string[]> {
  const own = new Set((await Promise.all(pids.map(socketsOf))).flat());
  const texts = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/net/unix`, 'utf8').catch(() => '')));
  const found = texts.flatMap(unixListeners).filter(({ inode }) => own.has(inode));
  return [...new Set(found.map(({ path }) => path))].sort();
}

const [acceptsConnections, datagrams] = ['00010000', '0002'];

/** Sockets in the kernel's text that have a path, or an abstract name behind an `@`, and that clients reach. Pure. */
export const unixListeners = (text: string): Array<{ inode: string; path: string }> =>
  text.split('\n').flatMap((line) => {
    const [, , , flags, type, , inode, ...path] = line.trim().split(/\s+/);
    if (!inode || path.length === 0) return [];
    const isOpen = flags === acceptsConnections || (type === datagrams && path[0]!.startsWith('/'));
    return isOpen ? [{ inode, path: path.join(' ') }] : [];
  });

/** A process that listens at a port. */
export interface Holder {
  pid: number;
  /** The name of its program. */
  program: string;
  /** Its control group. */
  cgroup: string;
}

/** Every process that listens at the port; systemd itself for a socket unit. */
export async function holdersOf(port: number): Promise<Holder[]> {
  const inodes = (await listeners()).filter((one) => one.port === port).map(({ inode }) => inode);
  if (inodes.length === 0) return [];
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => ((await socketsOf(pid)).some((one) => inodes.includes(one)) ? [await holder(pid)] : [])),
  );
  return found.flat();
}

async function holder(pid: number): Promise<Holder> {
  const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
  const [program, groups] = [await read('comm'), await read('cgroup')];
  // A line for each hierarchy; that of systemd is the unified or the named one.
  const own = groups.split('\n').find((line) => /^(0:|\d+:name=systemd):/.test(line));
  return { pid, program: program.trim(), cgroup: own?.split(':').slice(2).join(':') ?? '' };
}

async function socketsOf(pid: number): Promise<string[]> {
  const folder = `/proc/${pid}/fd`;
  const names = await readdir(folder).catch(() => []);
  const targets = await Promise.all(names.map((name) => readlink(`${folder}/${name}`).catch(() => '')));
  return targets.flatMap((one) => /^socket:\[(\d+)\]$/.exec(one)?.[1] ?? []);
}

const LISTEN = '0A';

async function listeners(): Promise<Array<{ port: number; inode: string }>> {
  const texts = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => '')),
  );
  return texts.flatMap((text) =>
    text.split('\n').flatMap((line) => {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      return state === LISTEN && local && inode ? [{ port: Number.parseInt(local.split(':')[1]!, 16), inode }] : [];
    }),
  );
}
