import type Docker from 'dockerode';
import { BelayError } from '../../errors';
import type { EngineNeed, Resources } from './engine';
import { ask, askFor, refused, statusOf } from './errors';

/**
 * Creates missing resources and leaves existing ones alone. Throws `preflight-failed` for a missing external one, and
 * for an engine that would ignore what instances need.
 */
export async function ensureResources(docker: Docker, resources: Resources): Promise<void> {
  for (const { Name } of resources.networks) wanted.add(Name);
  await inTurn(() => ensure(docker, resources));
}

/** Names of networks that more than a drill needs. */
const wanted = new Set<string>();

export const isWanted = (network: string): boolean => wanted.has(network);

/** One call after the other: two services that start together need the same network. */
export function inTurn<T>(act: () => Promise<T>): Promise<T> {
  const mine = before.then(act);
  before = mine.catch(() => undefined);
  return mine;
}

let before: Promise<unknown> = Promise.resolve();

/** As `ensureResources`, which is for what stays. Call it in turn. */
export async function ensure(docker: Docker, resources: Resources): Promise<void> {
  const { networks, volumes } = resources;
  await assertGiven(docker, resources);
  for (const network of networks) await ensureNetwork(docker, network);
  for (const volume of volumes) await ensureVolume(docker, volume);
}

/** Checks that external resources and the engine's features exist. Changes nothing. Throws as `ensureResources`. */
export async function assertGiven(docker: Docker, { external, requires = [] }: Given): Promise<void> {
  if (requires.length > 0) await assertEngineHas(docker, requires);
  const networks = await absent(external.networks, (name) => hasNetwork(docker, name));
  const volumes = await absent(external.volumes, (name) => hasVolume(docker, name));
  if (networks.length + volumes.length > 0) throw missing({ networks, volumes });
}

async function absent(names: string[], has: (name: string) => Promise<boolean>): Promise<string[]> {
  const found = await Promise.all(names.map(has));
  return names.filter((_, index) => !found[index]);
}

type Given = Pick<Resources, 'external' | 'requires'>;

async function assertEngineHas(docker: Docker, requires: EngineNeed[]): Promise<void> {
  const { ApiVersion, Version } = await ask(() => docker.version());
  const lacking = requires.filter(({ api }) => isOlder(ApiVersion, api));
  if (lacking.length === 0) return;
  const lines = lacking.map(({ where, api }) => `${where}: needs an engine with API ${api}`);
  throw new BelayError('preflight-failed', `${lines.join('\n')}\nthis is Docker Engine ${Version}, API ${ApiVersion}`, {
    hint: 'remove it from the file, or install a newer engine',
  });
}

/** Compares versions of the engine's API by number. Pure. */
export function isOlder(one: string, other: string): boolean {
  const [major = 0, minor = 0] = one.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number);
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}

async function ensureNetwork(docker: Docker, network: Docker.NetworkCreateOptions): Promise<void> {
  if (await hasNetwork(docker, network.Name)) return;
  const made = await ask(() => docker.createNetwork({ ...network, CheckDuplicate: true })).catch((error) => {
    if (statusOf(error) === 409) return undefined;
    throw refused('preflight-failed', `the network ${network.Name} cannot be created`, error, 'see docker network ls');
  });
  if (made) await keepOldest(docker, network.Name, made.id);
}

/** The engine allows networks of one name. Of two created at the same moment, the older one stays. */
async function keepOldest(docker: Docker, name: string, id: string): Promise<void> {
  const age = ({ Created = '', Id }: Docker.NetworkInspectInfo) => `${Created} ${Id}`;
  const [oldest] = (await networksNamed(docker, name)).sort((a, b) => (age(a) < age(b) ? -1 : 1));
  if (oldest && oldest.Id !== id) await askFor(() => docker.getNetwork(id).remove());
}

async function ensureVolume(docker: Docker, volume: Docker.VolumeCreateOptions): Promise<void> {
  if (await hasVolume(docker, volume.Name!)) return;
  await ask(() => docker.createVolume(volume)).catch((error) => {
    throw refused('preflight-failed', `the volume ${volume.Name} cannot be created`, error, 'see docker volume ls');
  });
}

const hasNetwork = async (docker: Docker, name: string): Promise<boolean> =>
  (await networksNamed(docker, name)).length > 0;

/** Networks of the exact name: an inspection would also find a network whose id begins with it. */
async function networksNamed(docker: Docker, name: string): Promise<Docker.NetworkInspectInfo[]> {
  const found = await ask(() => docker.listNetworks({ filters: { name: [name] } }));
  return found.filter((network) => network.Name === name);
}

async function hasVolume(docker: Docker, name: string): Promise<boolean> {
  return (await askFor(() => docker.getVolume(name).inspect())) !== undefined;
}

function missing({ networks, volumes }: Resources['external']): BelayError {
  const all = [
    ...networks.map((name) => ({ kind: 'network', name })),
    ...volumes.map((name) => ({ kind: 'volume', name })),
  ];
  const lines = all.map(({ kind, name }) => `the external ${kind} ${name} does not exist`);
  const commands = all.map(({ kind, name }) => `docker ${kind} create ${name}`);
  return new BelayError('preflight-failed', lines.join('\n'), {
    hint: `create ${all.length > 1 ? 'them' : 'it'}: ${commands.join('; ')}`,
  });
}
