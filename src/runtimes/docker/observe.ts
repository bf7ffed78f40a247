import type Docker from 'dockerode';
import { type InstanceQuery, type LabelledContainer, labels, type RuntimeInstance } from '../runtime';
import type { ComposedContainer, Publisher } from './engine';
import { ask, askFor } from './errors';

type Inspect = Docker.ContainerInspectInfo;
type Binding = { HostIp?: string; HostPort?: string };

/** The labels by which Compose finds its containers. */
export const composeLabels = {
  project: 'com.docker.compose.project',
  service: 'com.docker.compose.service',
  hash: 'com.docker.compose.config-hash',
  oneoff: 'com.docker.compose.oneoff',
  image: 'com.docker.compose.image',
  files: 'com.docker.compose.project.config_files',
  folder: 'com.docker.compose.project.working_dir',
  envFiles: 'com.docker.compose.project.environment_file',
} as const;

/** Belay's instances of a service, and containers of the Compose project that Belay has not launched, by name. */
export async function observe(
  docker: Docker,
  { platform, service, project, name, jobs }: InstanceQuery,
): Promise<RuntimeInstance[]> {
  const [all, before] = await Promise.all([
    list(docker, [`${labels.platform}=${platform}`, `${labels.service}=${service}`], name),
    project === undefined || jobs ? [] : list(docker, composeFilter(project, service), name),
  ]);
  const own = all.filter(({ Labels }) => (Labels[labels.job] !== undefined) === (jobs ?? false));
  const adoptable = before.filter((container) => container.Labels[labels.platform] === undefined);
  return (await inspectAll(docker, [...own, ...adoptable])).map(toInstance).sort(byName);
}

/** Every instance with Belay's labels, in the order of names. */
export async function labelled(docker: Docker): Promise<LabelledContainer[]> {
  const found = await list(docker, [labels.platform]);
  const lasting = found.filter(({ Labels }) => Labels[labels.job] === undefined);
  const all = lasting.map(({ Names, Labels, State }) => ({
    running: State === 'running',
    name: (Names[0] ?? '').replace(/^\//, ''),
    platform: Labels[labels.platform] ?? '',
    service: Labels[labels.service] ?? '',
    revision: Number(Labels[labels.revision]),
  }));
  return all.sort(byName);
}

/** As `ContainerReader.addressOf`. */
export async function addressOf(
  docker: Docker,
  { project, service, networks }: { project: string; service: string; networks: string[] },
): Promise<string | undefined> {
  const running = (await list(docker, composeFilter(project, service))).filter(({ State }) => State === 'running');
  const addresses = running.flatMap(({ NetworkSettings }) =>
    networks.map((name) => {
      const { IPAddress, GlobalIPv6Address } = NetworkSettings.Networks[name] ?? {};
      return IPAddress || GlobalIPv6Address;
    }),
  );
  return addresses.find(Boolean);
}

/** Host TCP ports that any container of the engine publishes, or will publish once started; ascending. */
export async function publishedPorts(docker: Docker): Promise<number[]> {
  const all = await list(docker, []);
  const isUp = ({ State }: Docker.ContainerInfo) => State === 'running';
  // The engine's list has no ports of stopped containers.
  const others = await inspectAll(
    docker,
    all.filter((one) => !isUp(one)),
  );
  const has = all.filter(isUp).flatMap(({ Ports }) => Ports.filter(({ Type }) => Type === 'tcp'));
  return ascending([...has.flatMap(({ PublicPort }) => PublicPort ?? []), ...others.flatMap(allPorts)]);
}

/** As `ContainerReader.publishers`. */
export async function publishers(docker: Docker, port: number): Promise<Publisher[]> {
  const running = (await list(docker, [])).filter(({ State }) => State === 'running');
  const all = running.map(({ Names, Labels, Ports }) => ({
    name: (Names[0] ?? '').replace(/^\//, ''),
    // An empty label hides an image's own.
    project: Labels[composeLabels.project] || undefined,
    service: Labels[composeLabels.service],
    platform: Labels[labels.platform] ?? Labels[labels.proxy]?.split('/')[0],
    addresses: Ports.flatMap(({ Type, PublicPort, IP = '' }) => (Type === 'tcp' && PublicPort === port ? [IP] : [])),
  }));
  return all.filter(({ addresses }) => addresses.length > 0).sort(byName);
}

/** As `ContainerReader.composed`. */
export async function composed(docker: Docker, service: string): Promise<ComposedContainer[]> {
  const found = await list(docker, [`${composeLabels.service}=${service}`, `${composeLabels.oneoff}=False`]);
  const running = found.filter(({ State, Labels }) => State === 'running' && Labels[labels.platform] === undefined);
  const all = running.map(({ Names, Labels, State }) => ({
    running: State === 'running',
    name: (Names[0] ?? '').replace(/^\//, ''),
    project: Labels[composeLabels.project] ?? '',
    folder: Labels[composeLabels.folder] ?? '',
  }));
  return all.sort(byName);
}

/** An instance from the engine's inspection. */
export function toInstance(container: Inspect): RuntimeInstance {
  const { State, Config } = container;
  const job = Config.Labels?.[labels.job];
  // The engine starts a job again as its policy says: it has not ended.
  const state = job !== undefined && State.Status === 'restarting' ? 'running' : stateOf(State.Status);
  const address = Object.values(container.NetworkSettings.Networks ?? {}).find((one) => one.IPAddress)?.IPAddress;
  return {
    name: container.Name.replace(/^\//, ''),
    ...(job !== undefined && { job }),
    ...identityOf(container),
    state,
    ...(state === 'exited' && { exitCode: State.ExitCode }),
    ...(state === 'exited' && State.Status === 'restarting' && { restarting: true as const }),
    restarts: container.RestartCount,
    startedAt: State.StartedAt,
    health: healthOf(State.Health?.Status),
    ports: loopbackPorts(container),
    published: ascending(allPorts(container)),
    ...unnamedVolumes(container),
    stopSignal: (Config as { StopSignal?: string }).StopSignal || 'SIGTERM',
    ...originOf(Config.Labels ?? {}, container.Image),
    ...(address && { address }),
    ...composeMarks(Config.Labels ?? {}),
  };
}

/** Anonymous volumes: the engine names them by 64 hexadecimal digits. */
function unnamedVolumes({ Mounts = [] }: Inspect): Pick<RuntimeInstance, 'unnamed'> {
  const paths = Mounts.filter(({ Type, Name = '' }) => Type === 'volume' && /^[0-9a-f]{64}$/.test(Name));
  return paths.length > 0 ? { unnamed: paths.map(({ Destination }) => Destination).sort() } : {};
}

function composeMarks(own: Record<string, string>): Pick<RuntimeInstance, 'compose'> {
  const { [composeLabels.hash]: hash, [composeLabels.image]: image, [composeLabels.oneoff]: oneoff } = own;
  if (hash === undefined || own[composeLabels.project] === undefined) return {};
  return { compose: { hash, ...(image && { image }), counted: oneoff !== 'True' } };
}

/** The origin of a container that Compose started. */
export function originOf(own: Record<string, string>, image: string): Pick<RuntimeInstance, 'origin'> {
  const folder = own[composeLabels.folder];
  if (folder === undefined || own[labels.platform] !== undefined) return {};
  const list = (text = '') => (text === '' ? [] : text.split(','));
  const hash = own[composeLabels.hash] ?? '';
  return {
    origin: { folder, hash, image, files: list(own[composeLabels.files]), envFiles: list(own[composeLabels.envFiles]) },
  };
}

function composeFilter(project: string, service: string): string[] {
  return [
    `${composeLabels.project}=${project}`,
    `${composeLabels.service}=${service}`,
    `${composeLabels.oneoff}=False`,
  ];
}

function list(docker: Docker, label: string[], name?: string): Promise<Docker.ContainerInfo[]> {
  // The engine takes the name for a regular expression.
  const names = name === undefined ? [] : [`^/${name.replaceAll('.', '\\.')}$`];
  return ask(() => docker.listContainers({ all: true, filters: { label, name: names } }));
}

/** Inspections of containers; a container that is removed meanwhile is left out. */
async function inspectAll(docker: Docker, containers: Docker.ContainerInfo[]): Promise<Inspect[]> {
  const found = await Promise.all(containers.map(({ Id }) => askFor(() => docker.getContainer(Id).inspect())));
  return found.filter((container) => container !== undefined);
}

function identityOf(container: Inspect): Pick<RuntimeInstance, 'number' | 'revision' | 'fingerprint'> {
  const own = container.Config.Labels ?? {};
  if (own[labels.platform] === undefined) {
    return { revision: 0, fingerprint: `compose:${own[composeLabels.hash] ?? ''}:${container.Image}` };
  }
  const number = Number(own[labels.instance]);
  const known = { revision: Number(own[labels.revision]), fingerprint: own[labels.fingerprint] ?? '' };
  return Number.isInteger(number) ? { number, ...known } : known;
}

/** A paused container holds its ports and may continue. A restarting container serves nobody. */
function stateOf(status: string): RuntimeInstance['state'] {
  if (status === 'created') return 'created';
  return status === 'running' || status === 'paused' ? 'running' : 'exited';
}

function healthOf(status: string | undefined): RuntimeInstance['health'] {
  return status === 'starting' || status === 'healthy' || status === 'unhealthy' ? status : 'none';
}

const allPorts = (container: Inspect): number[] => Object.values(hostPorts(container, () => true)).flat();

const ascending = (ports: number[]): number[] => [...new Set(ports)].sort((a, b) => a - b);

function loopbackPorts(container: Inspect): Record<string, number> {
  const all = hostPorts(container, ({ HostIp = '' }) => ['', '0.0.0.0', '127.0.0.1'].includes(HostIp));
  const single = Object.entries(all).map(([port, hosts]) => [port, hosts[0]!] as const);
  return Object.fromEntries(single);
}

/** Host ports by TCP container port: actual ports of a running container, requested ports of another. */
function hostPorts(container: Inspect, wanted: (binding: Binding) => boolean): Record<string, number[]> {
  const asked: Record<string, Binding[] | null> = container.HostConfig.PortBindings ?? {};
  const has: Record<string, Binding[] | null> = container.NetworkSettings.Ports ?? {};
  const result: Record<string, number[]> = {};
  for (const key of new Set([...Object.keys(asked), ...Object.keys(has)])) {
    const [port, protocol] = key.split('/');
    // An internal network publishes no port, even if one was requested.
    const bindings = (stateOf(container.State.Status) === 'running' ? has[key] : asked[key]) ?? [];
    const hosts = bindings.filter(wanted).flatMap(({ HostPort }) => expand(HostPort));
    if (protocol === 'tcp' && hosts.length > 0) result[port!] = hosts;
  }
  return result;
}

/** Ports of `8080` or `8080-8082`; none if the engine chooses. */
function expand(text = ''): number[] {
  const [first, last = first] = text.split('-').map(Number);
  if (!first || !last) return [];
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
