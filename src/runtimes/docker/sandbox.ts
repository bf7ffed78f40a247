import type Docker from 'dockerode';
import { dockerRuntime } from '.';
import { dockerClient } from './client';
import type { ContainerReader, ContainerVerbs } from './engine';
import { ask, askFor, refused, statusOf, wordsOf } from './errors';

/** A container that is no instance of a service, as a managed proxy needs to see it. */
export interface Sandbox {
  name: string;
  labels: Record<string, string>;
  running: boolean;
  /** Number of its first process on the engine's machine; 0 if it is not running. */
  pid: number;
  /** The container's aliases on each network, without the engine's own; sorted. */
  networks: Record<string, string[]>;
}

export interface Sandboxes
  extends Pick<ContainerVerbs, 'create' | 'start' | 'signal' | 'remove'>,
    Pick<ContainerReader, 'logTail' | 'networkOf'> {
  /** Containers with all of these labels, running or not. */
  list(labels: Record<string, string>): Promise<Sandbox[]>;
  /** Connects the container to the network under these names; an existing connection stays as it is. */
  connect(name: string, network: string, aliases: string[]): Promise<void>;
  disconnect(name: string, network: string): Promise<void>;
}

/** Belay's own containers on a Docker Engine, beside the instances. */
export function dockerSandboxes({ docker = dockerClient() }: { docker?: Docker } = {}): Sandboxes {
  const { create, start, signal, remove, logTail, networkOf } = dockerRuntime({ docker });
  return {
    create,
    start,
    signal,
    remove,
    logTail,
    networkOf,
    list: (labels) => list(docker, labels),
    connect: (name, network, aliases) => connect(docker, { name, network, aliases }),
    disconnect: (name, network) => disconnect(docker, { name, network }),
  };
}

async function list(docker: Docker, labels: Record<string, string>): Promise<Sandbox[]> {
  const label = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  const found = await ask(() => docker.listContainers({ all: true, filters: { label } }));
  const containers = await Promise.all(found.map(({ Id }) => askFor(() => docker.getContainer(Id).inspect())));
  return containers.flatMap((one) => (one ? [read(one)] : []));
}

function read({ Id, Name, Config, State, NetworkSettings }: Docker.ContainerInspectInfo): Sandbox {
  const given = (alias: string) => Id.startsWith(alias) || alias === Name.slice(1);
  const networks = Object.entries(NetworkSettings.Networks).map(([network, { Aliases }]) => {
    const names = ((Aliases ?? []) as string[]).filter((alias) => !given(alias));
    return [network, [...new Set(names)].sort()] as const;
  });
  return {
    name: Name.slice(1),
    labels: Config.Labels ?? {},
    running: State.Running && !State.Restarting,
    pid: State.Pid,
    networks: Object.fromEntries(networks),
  };
}

async function connect(
  docker: Docker,
  { name, network, aliases }: { name: string; network: string; aliases: string[] },
): Promise<void> {
  const request = { Container: name, EndpointConfig: { Aliases: aliases } };
  await ask(() => docker.getNetwork(network).connect(request)).catch((error) => {
    if (/already exists in network/.test(wordsOf(error))) return;
    throw refused('launch-failed', `${name} cannot join the network ${network}`, error, 'see docker network ls');
  });
}

async function disconnect(docker: Docker, { name, network }: { name: string; network: string }): Promise<void> {
  await ask(() => docker.getNetwork(network).disconnect({ Container: name })).catch((error) => {
    if (statusOf(error) !== 404 && !/is not connected/.test(wordsOf(error))) throw error;
  });
}
