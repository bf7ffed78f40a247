import type Docker from 'dockerode';
import { BelayError } from '../../errors';
import type { Variable } from '../runtime';
import type { CreateOptions } from './create-options';
import { ask, askFor } from './errors';

type Inspect = Docker.ContainerInspectInfo;
type Config = Inspect['Config'] & { StopSignal?: string; StopTimeout?: number };
type Endpoints = NonNullable<NonNullable<CreateOptions['NetworkingConfig']>['EndpointsConfig']>;
type Mounts = NonNullable<Docker.HostConfig['Mounts']>;

/** Options that create the same instance again: its image by id, its ports and volumes as they are. */
export async function snapshot(docker: Docker, name: string): Promise<CreateOptions> {
  const { container, image } = await inspected(docker, name);
  if (!image) throw withoutImage(name);
  return toCreateOptions(container, image);
}

/** The environment of the instance, and which variables its image sets; none if the image was removed. */
export async function variables(docker: Docker, name: string): Promise<Variable[]> {
  const { container, image } = await inspected(docker, name);
  return (container.Config.Env ?? []).map((line) => {
    const [variable] = line.split('=', 1) as [string];
    const value = line.slice(variable.length + 1);
    return { name: variable, value, inherited: image?.Env?.includes(line) === true };
  });
}

async function inspected(docker: Docker, name: string): Promise<{ container: Inspect; image?: Partial<Config> }> {
  const container = await ask(() => docker.getContainer(name).inspect());
  const image = await askFor(() => docker.getImage(container.Image).inspect());
  return { container, image: image?.Config as Config | undefined };
}

/** Pure part of `snapshot`. Settings that the container inherits are left to the image. */
export function toCreateOptions(container: Inspect, image: Partial<Config>): CreateOptions {
  const primary = primaryNetwork(container);
  return {
    ...ownSettings(container, image),
    Image: container.Image,
    HostConfig: { ...known(container.HostConfig), ...hostSettings(container), NetworkMode: primary },
    NetworkingConfig: { EndpointsConfig: endpoints(container) },
  };
}

function withoutImage(name: string): BelayError {
  return new BelayError(
    'image-unknown',
    `the image of ${name} was removed from this engine: it could not be launched again`,
    {
      hint: `start ${name} anew from an image that is there, then release`,
    },
  );
}

const copied = [
  'User',
  'WorkingDir',
  'Domainname',
  'Tty',
  'OpenStdin',
  'StdinOnce',
  'Healthcheck',
  'StopSignal',
  'StopTimeout',
] as const;

function ownSettings({ Id, Config: config }: Inspect, image: Partial<Config>): CreateOptions {
  const own = known(Object.fromEntries(copied.map((key) => [key, unlessSame((config as Config)[key], image[key])])));
  return {
    ...own,
    ...commandOf(config, image),
    ...(config.Hostname && !Id.startsWith(config.Hostname) && { Hostname: config.Hostname }),
    Env: (config.Env ?? []).filter((line) => !image.Env?.includes(line)),
    Labels: ownLabels(config.Labels ?? {}, image.Labels ?? {}),
    ExposedPorts: without(config.ExposedPorts ?? {}, image.ExposedPorts ?? {}),
    Volumes: without(config.Volumes ?? {}, image.Volumes ?? {}),
  };
}

/**
 * The container's own labels. Compose also labels images that it builds, but it finds containers by these labels, so
 * they count as the container's.
 */
function ownLabels(own: Record<string, string>, inherited: Record<string, string>): Record<string, string> {
  const composes = Object.entries(own).filter(([name]) => name.startsWith('com.docker.compose.'));
  return { ...without(own, inherited), ...Object.fromEntries(composes) };
}

/** An own entrypoint cancels the image's command, so the two are kept together. */
function commandOf(config: Inspect['Config'], image: Partial<Config>): CreateOptions {
  const Cmd = config.Cmd ?? undefined;
  if (!same(config.Entrypoint, image.Entrypoint)) return known({ Entrypoint: config.Entrypoint ?? [''], Cmd });
  return same(Cmd, image.Cmd) ? {} : known({ Cmd });
}

function hostSettings(container: Inspect): Docker.HostConfig {
  return known({ PortBindings: portBindings(container), Mounts: mounts(container) });
}

/** A port that the engine chose is requested by its number, so that proxies still find it. */
function portBindings({ HostConfig, NetworkSettings }: Inspect): Docker.HostConfig['PortBindings'] {
  const asked = Object.entries((HostConfig.PortBindings ?? {}) as Record<string, Array<{ HostPort?: string }>>);
  return Object.fromEntries(
    asked.map(([port, bindings]) => {
      const chosen = bindings.some(({ HostPort }) => !Number(HostPort)) ? NetworkSettings.Ports?.[port] : undefined;
      return [port, chosen?.length ? chosen : bindings];
    }),
  );
}

/** Anonymous volumes are requested by the engine's names of them, so that their content stays. */
function mounts({ HostConfig, Mounts = [] }: Inspect): Mounts {
  const asked = (HostConfig.Mounts ?? []).filter((mount) => mount.Type !== 'volume' || mount.Source);
  const named = new Set([
    ...(HostConfig.Binds ?? []).map((bind) => bind.split(':')[1]),
    ...asked.map((mount) => mount.Target),
  ]);
  const anonymous = Mounts.filter(
    ({ Type, Name, Destination }) => Type === 'volume' && Name && !named.has(Destination),
  );
  return [...asked, ...anonymous.map(byName)];
}

const byName = ({ Name, Destination, RW }: Inspect['Mounts'][number]) => {
  return { Type: 'volume' as const, Source: Name!, Target: Destination, ReadOnly: !RW };
};

/**
 * The network mode: Docker's own modes (`host`, `none`, `bridge`, `container:…`) unchanged, a network by name, never by
 * id.
 */
function primaryNetwork({ HostConfig, NetworkSettings }: Inspect): string | undefined {
  const mode = HostConfig.NetworkMode;
  const byId = Object.entries(NetworkSettings.Networks).find(([, { NetworkID }]) => NetworkID === mode);
  return byId ? byId[0] : mode;
}

function endpoints({ Id, NetworkSettings }: Inspect): Endpoints {
  const joined = Object.entries(NetworkSettings.Networks).filter(
    ([name]) => !['bridge', 'host', 'none'].includes(name),
  );
  return Object.fromEntries(joined.map(([name, network]) => [name, endpoint(network, Id)]));
}

function endpoint(network: Inspect['NetworkSettings']['Networks'][string], id: string): Endpoints[string] {
  const { IPAMConfig, Links, Aliases } = network;
  const aliases = ((Aliases ?? []) as string[]).filter((alias) => alias !== id.slice(0, 12));
  const driverOptions = (network as { DriverOpts?: Record<string, string> }).DriverOpts;
  return known({
    Aliases: aliases.length > 0 ? aliases : undefined,
    IPAMConfig: IPAMConfig && Object.keys(IPAMConfig).length > 0 ? IPAMConfig : undefined,
    Links: Links ?? undefined,
    DriverOpts: driverOptions ?? undefined,
  });
}

const same = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
const unlessSame = <T>(value: T, inherited: unknown) =>
  same(value || undefined, inherited || undefined) ? undefined : value;

/** Members of the first object that the second does not have with the same value. */
function without<T>(own: Record<string, T>, inherited: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(own).filter(([key, value]) => !same(value, inherited[key])));
}

/** The object without undefined members. An empty list stays: it may override a default. */
function known<T extends object>(value: T): T {
  return Object.fromEntries(
    Object.entries(value).filter(([, member]) => member !== undefined && member !== null && member !== ''),
  ) as T;
}
