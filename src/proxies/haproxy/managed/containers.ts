import { createHash } from 'node:crypto';
import type { CreateOptions } from '../../../runtimes/docker/create-options';
import type { labels } from '../../../runtimes/runtime';
import type { ManagedRoute } from './route';
import type { ManagedKey, Unit, UnitPaths } from './unit';

/** Labels of the containers of Belay's proxies; no instance has them. */
export const proxyLabels = {
  proxy: 'belay.proxy' satisfies (typeof labels)['proxy'],
  unit: 'belay.proxy.unit',
  generation: 'belay.proxy.generation',
  /** Generation whose container holds the network. */
  holder: 'belay.proxy.holder',
  image: 'belay.proxy.image',
  /** Digest of the parts that cannot change while it runs. */
  shape: 'belay.proxy.shape',
  /** Published ports of the host. */
  ports: 'belay.proxy.ports',
} as const;

export interface Generation {
  key: ManagedKey;
  unit: Unit;
  paths: UnitPaths;
  image: string;
  generation: number;
}

export const containerName = ({ platform, name }: ManagedKey, unit: string, generation: number): string =>
  `${platform}-${name}-${unit}-${generation}`;

export const labelsOf = ({ platform, name }: ManagedKey, unit?: string): Record<string, string> => ({
  [proxyLabels.proxy]: `${platform}/${name}`,
  ...(unit !== undefined && { [proxyLabels.unit]: unit }),
});

/** Returns the published ports of a unit as a word. */
export const shapeOf = ({ routes }: Unit): string =>
  createHash('sha256')
    .update(JSON.stringify(portBindings(routes)))
    .digest('hex')
    .slice(0, 16);

export const hostPortsOf = ({ routes }: Unit): number[] => [
  ...new Set(routes.flatMap(({ hostPort }) => hostPort ?? [])),
];

/** Returns all networks of a unit, with its names there. */
export function networksOf({ routes }: Unit): Record<string, string[]> {
  const found: Record<string, Set<string>> = {};
  for (const { networks } of routes)
    for (const [network, names] of Object.entries(networks))
      found[network] = new Set([...(found[network] ?? []), ...names]);
  return Object.fromEntries(Object.entries(found).map(([network, names]) => [network, [...names].sort()]));
}

/**
 * Returns the container that holds networks, names and published ports, and serves until another HAProxy takes over in
 * it.
 */
export function holderOptions(generation: Generation): CreateOptions {
  const { unit } = generation;
  const networks = networksOf(unit);
  const [first] = Object.keys(networks);
  const bindings = portBindings(unit.routes);
  return {
    ...common(generation, generation.generation),
    ExposedPorts: Object.fromEntries(Object.keys(bindings).map((port) => [port, {}])),
    HostConfig: {
      ...host(generation),
      NetworkMode: first,
      PortBindings: bindings,
      RestartPolicy: { Name: 'always' },
      // Any user may then listen on port 80.
      Sysctls: { 'net.ipv4.ip_unprivileged_port_start': '0' },
    },
    NetworkingConfig: {
      EndpointsConfig: Object.fromEntries(Object.entries(networks).map(([name, Aliases]) => [name, { Aliases }])),
    },
  };
}

/**
 * Returns another HAProxy in the holder's network, that takes over the listening sockets. It shares the holder's
 * processes too, so that it ends with it. Otherwise a leftover in a vanished network would answer on its socket.
 */
export function guestOptions(generation: Generation, holder: number): CreateOptions {
  const { key, unit, paths } = generation;
  const container = `container:${containerName(key, unit.name, holder)}`;
  return {
    ...common(generation, holder, ['-x', paths.former(generation.generation)]),
    HostConfig: {
      ...host(generation),
      NetworkMode: container,
      PidMode: container,
      // After a restart of the holder, the holder serves again and has the ports: then this one gives up.
      RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 5 },
    },
  };
}

function common(
  { key, unit, paths, image, generation }: Generation,
  holder: number,
  more: string[] = [],
): CreateOptions {
  return {
    Image: image,
    Entrypoint: ['haproxy'],
    Cmd: ['-W', '-S', `${paths.master(generation)},mode,600`, ...more, '-f', paths.config(generation)],
    // The folder's owner runs it, so that both can use the sockets there.
    User: `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`,
    StopSignal: 'SIGUSR1',
    Labels: {
      ...labelsOf(key, unit.name),
      [proxyLabels.generation]: String(generation),
      [proxyLabels.holder]: String(holder),
      [proxyLabels.image]: image,
      [proxyLabels.shape]: shapeOf(unit),
      [proxyLabels.ports]: hostPortsOf(unit).join(),
    },
  };
}

const host = ({ paths }: Generation): NonNullable<CreateOptions['HostConfig']> => ({
  Mounts: [{ Type: 'bind', Source: paths.folder, Target: paths.folder }],
  CapDrop: ['ALL'],
  SecurityOpt: ['no-new-privileges'],
});

function portBindings(routes: ManagedRoute[]): Record<string, { HostIp: string; HostPort: string }[]> {
  const published = routes.filter(({ hostPort }) => hostPort !== undefined);
  return Object.fromEntries(
    published.map(({ port, hostPort, hostAddress = '' }) => [
      `${port}/tcp`,
      [hostAddress].flat().map((HostIp) => ({ HostIp, HostPort: String(hostPort) })),
    ]),
  );
}
