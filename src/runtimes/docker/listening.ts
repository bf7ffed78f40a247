import { readFile, readlink } from 'node:fs/promises';
import type Docker from 'dockerode';
import type { Listening, Network } from '../runtime';
import { askFor } from './errors';
import { listeningIn } from './proc-net';

/** As `RuntimeReader.listening`: what the kernel shows of the container's network, where the engine is on this machine. */
export async function listening(docker: Docker, name: string): Promise<Listening | undefined> {
  const found = await processOf(docker, name, /^host$/);
  if (!found) return undefined;
  const { pid } = found;
  const tables = (...names: string[]) => Promise.all(names.map((one) => text(pid, `net/${one}`)));
  const [tcp, udp] = await Promise.all([tables('tcp', 'tcp6'), tables('udp', 'udp6')]);
  // One of a kernel without IPv6 is not there; none at all was not to be seen.
  return tcp.every((one) => one === '') ? undefined : listeningIn({ tcp, udp });
}

/** As `RuntimeReader.networkOf`. */
export async function networkOf(docker: Docker, name: string): Promise<Network | undefined> {
  const found = await processOf(docker, name, /^(host|none|container:.*)$/);
  return found?.id === undefined ? undefined : { pid: found.pid, id: found.id };
}

/** The first process of a container that runs on this machine, with a network of another mode than these. */
async function processOf(docker: Docker, name: string, not: RegExp): Promise<{ pid: number; id?: string } | undefined> {
  const found = await askFor(() => docker.getContainer(name).inspect());
  if (!found || not.test(found.HostConfig.NetworkMode ?? '')) return undefined;
  const { Pid: pid } = found.State;
  // Read before the process is known to be the container's: with its end, its number may become another's.
  const id = await readlink(`/proc/${pid}/ns/net`).catch(() => undefined);
  return pid && (await isOf(pid, found.Id)) ? { pid, id } : undefined;
}

/** An engine on another machine counts other processes: that one has to be the container's here. */
async function isOf(pid: number, id: string): Promise<boolean> {
  const said = await Promise.all([text(pid, 'cgroup'), text(pid, 'mountinfo')]);
  return said.some((one) => one.includes(id));
}

/** Empty where it is not there, or not to be read by this user. */
const text = (pid: number, name: string): Promise<string> => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
