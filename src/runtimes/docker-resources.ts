import type Docker from 'dockerode';
import { BelayError } from '../errors';
import { ask, askFor, refused, statusOf } from './docker-errors';
import type { EngineNeed, Resources } from './runtime';

/**
 * What is missing is created; what is there is left as it is. Throws `preflight-failed` for a missing external one, and
 * for an engine that would drop in silence what instances need.
 */
export async function ensureResources(docker: Docker, resources: Resources): Promise<void> {
  const { networks, volumes, external, requires = [] } = resources;
  if (requires.length > 0) await assertEngineHas(docker, requires);
  for (const name of external.networks) if (!(await hasNetwork(docker, name))) throw missing('network', name);
  for (const name of external.volumes) if (!(await hasVolume(docker, name))) throw missing('volume', name);
  for (const network of networks) await ensureNetwork(docker, network);
  for (const volume of volumes) await ensureVolume(docker, volume);
}

async function assertEngineHas(docker: Docker, requires: EngineNeed[]): Promise<void> {
  const { ApiVersion, Version } = await ask(() => docker.version());
  const lacking = requires.filter(({ api }) => isOlder(ApiVersion, api));
  if (lacking.length === 0) return;
  const lines = lacking.map(({ where, api }) => `${where}: needs an engine with API ${api}`);
  throw new BelayError('preflight-failed', `${lines.join('\n')}\nthis is Docker Engine ${Version}, API ${ApiVersion}`, {
    hint: 'remove it from the file, or install a newer engine',
  });
}

function isOlder(one: string, other: string): boolean {
  const [major = 0, minor = 0] = one.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number);
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}

async function ensureNetwork(docker: Docker, network: Docker.NetworkCreateOptions): Promise<void> {
  if (await hasNetwork(docker, network.Name)) return;
  // Names of networks are not unique for the engine unless one asks for it.
  await ask(() => docker.createNetwork({ ...network, CheckDuplicate: true })).catch((error) => {
    if (statusOf(error) === 409) return;
    throw refused('preflight-failed', `the network ${network.Name} cannot be created`, error, 'see docker network ls');
  });
}

async function ensureVolume(docker: Docker, volume: Docker.VolumeCreateOptions): Promise<void> {
  if (await hasVolume(docker, volume.Name!)) return;
  await ask(() => docker.createVolume(volume)).catch((error) => {
    throw refused('preflight-failed', `the volume ${volume.Name} cannot be created`, error, 'see docker volume ls');
  });
}

/** By its exact name: an inspection would also find one whose id begins so. */
async function hasNetwork(docker: Docker, name: string): Promise<boolean> {
  const found = await ask(() => docker.listNetworks({ filters: { name: [name] } }));
  return found.some((network) => network.Name === name);
}

async function hasVolume(docker: Docker, name: string): Promise<boolean> {
  return (await askFor(() => docker.getVolume(name).inspect())) !== undefined;
}

function missing(kind: 'network' | 'volume', name: string): BelayError {
  return new BelayError('preflight-failed', `the external ${kind} ${name} does not exist`, {
    hint: `create it: docker ${kind} create ${name}`,
  });
}
