import { readdir, readFile, readlink } from 'node:fs/promises';
import { listeningIn } from '../../runtimes/docker/proc-net';
import type { Leader } from '../evidence';
import { isJavaVm, isShell, type ProcessFacts, readStatus } from '../proc';

/** The processes of an instance, by the first one's number on this machine. */
export interface Processes {
  leader: Leader;
  threads: number;
  /** All that the first process has begun, and what these have begun. The program behind an init is none of them. */
  descendants: Array<ProcessFacts & { pid: number }>;
}

/** Names of inits, which run the program as their child. */
const inits = ['docker-init', 'tini', 'dumb-init', 'catatonit'];

/**
 * Undefined if this process cannot see them.
 * @param members all of the instance, where others than the first process may have begun some.
 */
export async function processesOf(pid: number, signal: string, members: number[] = []): Promise<Processes | undefined> {
  const [own, commandLine] = await Promise.all([factsOf(pid), text(pid, 'cmdline')]);
  if (!own) return undefined;
  const all = await descendantsOf(pid, members);
  const isInit = inits.includes(own.name);
  const program = isInit ? all[0] : { ...own, pid };
  const handles = program?.handles(signal) ?? false;
  return {
    leader: {
      name: own.name,
      shell: isShell(commandLine),
      catches: own.catches(signal),
      handles,
      ...(handles && (await isJava(program!.pid)) && { javaVm: true as const }),
      ...(own.ignores(signal) && { ignores: true as const }),
    },
    threads: own.threads,
    descendants: isInit ? all.slice(1) : all,
  };
}

async function isJava(pid: number): Promise<boolean> {
  const program = await readlink(`/proc/${pid}/exe`).catch(() => '');
  return isJavaVm(program, await text(pid, 'maps'));
}

/** Ports on which the instance's network has a listening socket; undefined if this process cannot see them. */
export async function socketsOf(pid: number): Promise<number[] | undefined> {
  const tcp = await Promise.all([text(pid, 'net/tcp'), text(pid, 'net/tcp6')]);
  return tcp.every((one) => one === '') ? undefined : listeningIn({ tcp, udp: [] }).tcp;
}

/** Names of those processes that run. */
export async function namesOf(pids: number[]): Promise<string[]> {
  const all = await Promise.all(pids.map(factsOf));
  return all.flatMap((one) => (one && !one.zombie ? [one.name] : []));
}

async function descendantsOf(pid: number, members: number[]): Promise<Processes['descendants']> {
  const found: Processes['descendants'] = [];
  // The first process comes first, so that the first one found is its child. The loop visits what it adds meanwhile.
  const open = new Set([pid, ...(await childrenOf(pid)), ...members]);
  for (const one of open) {
    const facts = one === pid ? undefined : await factsOf(one);
    if (facts) found.push({ ...facts, pid: one });
    for (const child of await childrenOf(one)) open.add(child);
  }
  return found;
}

/** Each thread has the children that it has begun. */
async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(threads.map((thread) => text(pid, `task/${thread}/children`)));
  return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
}

const factsOf = async (pid: number): Promise<ProcessFacts | undefined> => readStatus(await text(pid, 'status'));

/** Empty if it is gone, or hidden from this user. */
const text = (pid: number, name: string): Promise<string> => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
