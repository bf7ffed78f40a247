import { readFile, readlink } from 'node:fs/promises';
import type Docker from 'dockerode';
import type { Network } from '../../hosts/refuse-new';
import type { Listening } from './engine';
import { askFor } from './errors';
import { listeningIn } from './proc-net';

/** As `ContainerReader.listening`: the kernel's view of the container's network, if the engine is on this machine. */
export async function listening(docker: Docker, name: string): Promise<Listening | undefined> {
  const found = await processOf(docker, name, /^host$/);
  if (!found) return undefined;
  const { pid } = found;
  const tables = (...names: string[]) => Promise.all(names.map((one) => text(pid, `net/${one}`)));
  const [tcp, udp] = await Promise.all([tables('tcp', 'tcp6'), tables('udp', 'udp6')]);
  // A kernel without IPv6 lacks some tables. If all are missing, this process could not see them.
  return tcp.every((one) => one === '') ? undefined : listeningIn({ tcp, udp });
}

/** As `ContainerReader.networkOf`. */
export async function networkOf(docker: Docker, name: string): Promise<Network | undefined> {
  const found = await processOf(docker, name, /^(host|none|container:.*)$/);
  return found?.id === undefined ? undefined : { pid: found.pid, id: found.id };
}

/** A container's main process on this machine; undefined for a network of one of these modes. */
async function processOf(
  docker: Docker,
  name: string,
  without: RegExp,
): Promise<{ pid: number; id?: string } | undefined> {
  const found = await askFor(() => docker.getContainer(name).inspect());
  if (!found || without.test(found.HostConfig.NetworkMode ?? '')) return undefined;
  const { Pid: pid } = found.State;
  // Read before the process is known to be the container's: after its end, another process may have its number.
  const id = await readlink(`/proc/${pid}/ns/net`).catch(() => undefined);
  return pid && (await isOf(pid, found.Id)) ? { pid, id } : undefined;
}

/** True if the process is the container's on this machine: an engine elsewhere counts other processes. */
export async function isOf(pid: number, id: string): Promise<boolean> {
  const said = await Promise.all([text(pid, 'cgroup'), text(pid, 'mountinfo')]);
  return said.some((one) => one.includes(id));
}

/** The text of a table; empty if it is missing or not readable by this user. */
const text = (pid: number, name: string): Promise<string> => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
