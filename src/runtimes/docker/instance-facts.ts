import { readFile } from 'node:fs/promises';
import type Docker from 'dockerode';
import { memoryOfGroup } from '../../hosts/cgroup';
import type { InstanceFacts } from '../runtime';
import { askFor } from './errors';
import { isOf } from './listening';

/** As `Runtime.facts`. */
export async function instanceFacts(docker: Docker, name: string): Promise<InstanceFacts> {
  const found = await askFor(() => docker.getContainer(name).inspect());
  if (!found) return {};
  const { Memory: limit, MemoryReservation: reserved } = found.HostConfig;
  const { Pid: pid } = found.State;
  // Docker's own statistics take a second.
  const [used, handles] = (await isOf(pid, found.Id)) ? await Promise.all([memoryOfGroup(pid), handledBy(pid)]) : [];
  return {
    ...(used && { used }),
    ...(limit && { limit }),
    ...(reserved && { reserved }),
    ...(handles && { handles }),
  };
}

/** Signals that a container's first process handles; undefined if it cannot be seen. */
async function handledBy(pid: number): Promise<number[] | undefined> {
  const [status, wait] = await Promise.all([read(pid, 'status'), read(pid, 'wchan')]);
  // While it waits for signals themselves, as `tini` does, the kernel shows none of them.
  return !status || ['', '0'].includes(wait) || wait.includes('sigtimedwait') ? undefined : handledIn(status);
}

const read = (pid: number, name: string): Promise<string> => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');

/**
 * Signals that a process handles, or blocks to read them. Undefined for a process that is not the first of its
 * container: it ends by signals that it does not handle. Pure. Source of the format: proc(5), /proc/pid/status.
 */
export function handledIn(status: string): number[] | undefined {
  const valueOf = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1];
  const ids = valueOf('NSpid')?.trim().split(/\s+/) ?? [];
  if (ids.length < 2 || ids.at(-1) !== '1') return undefined;
  const [caught, blocked] = ['SigCgt', 'SigBlk'].map((name) => BigInt(`0x${valueOf(name)?.trim() || '0'}`));
  const mask = caught! | blocked!;
  return Array.from({ length: 64 }, (_, index) => index + 1).filter((one) => (mask >> BigInt(one - 1)) & 1n);
}
