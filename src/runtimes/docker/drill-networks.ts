import type Docker from 'dockerode';
import type { Resources } from './engine';
import { ask, askFor, statusOf } from './errors';
import { ensure, isWanted } from './resources';

interface Drill {
  /** The label that marks what drills make. */
  label: string;
  /** The service, as `shop/api`. */
  owner: string;
}

/** Ensures what an instance of a drill needs; networks that it makes are marked. Call it in turn. */
export async function ensureForDrill(docker: Docker, resources: Resources, { label, owner }: Drill): Promise<void> {
  const marked = (network: Docker.NetworkCreateOptions) => ({
    ...network,
    Labels: { ...network.Labels, [label]: owner },
  });
  await ensure(docker, { ...resources, networks: resources.networks.map(marked) });
}

/** Removes networks that drills of the platform have made, and in which no container is. Call it in turn. */
export async function removeUnused(docker: Docker, { label, owner }: Drill): Promise<void> {
  const all = await ask(() => docker.listNetworks({ filters: { label: [label] } }));
  for (const { Name, Id, Labels } of all) {
    if (platformOf(Labels?.[label]) !== platformOf(owner) || isWanted(Name)) continue;
    // Stopped containers need it at their next start.
    const within = await ask(() => docker.listContainers({ all: true, filters: { network: [Id] } }));
    if (within.length === 0) await askFor(() => docker.getNetwork(Id).remove()).catch(unlessInUse);
  }
}

const platformOf = (owner = ''): string => owner.split('/')[0]!;

function unlessInUse(error: unknown): void {
  if (statusOf(error) !== 403) throw error;
}
