import { type Case, type Context, carry, refuse, warn } from './attribute';
import { takenOf } from './fronted';
import type { ComposeFile, ComposeProject, FileUse } from './project';
import type { ComposeMount } from './service-parts';

/** Values that cannot be carried over although their attribute can, with the way out. */

const text = (value: unknown) => String(value);

export const fixedAddress = refuse(
  'where two instances run at once',
  (_, { use }) => use.together === true,
  'two instances run at once and cannot share an address: remove it, or write strategy: { kind: recreate } in the spec',
);

export const aliasPastProxy = refuse(
  'for a service with routes',
  (_, { use }) => use.routed,
  'would bring traffic past the proxy: remove it, or the routes from the spec',
);

export const noPorts = refuse(
  'for host and none, where the spec asks at ports',
  (value, { use }) => ['none', 'host'].includes(text(value)) && (use.routed || use.asked === true),
  'an instance has no loopback port of its own there: remove it, or the routes, checks and tests at ports from the spec',
);

const advice = {
  network_mode: 'put both services on one network, or leave both to Compose by not naming them in the spec',
  ipc: 'write ipc: host, or leave both services to Compose by not naming them in the spec',
  pid: 'write pid: host, or leave both services to Compose by not naming them in the spec',
};

export const sharedNamespace = (attribute: keyof typeof advice): Case =>
  refuse(
    'for service: and container:',
    (value) => /^(service|container):/.test(text(value)),
    `the namespace ends when the other container is replaced: ${advice[attribute]}`,
  );

export const linkUnderAnotherName = refuse(
  'under another name (db:database)',
  (value) => (value as string[]).some((link) => !/^([^:]+)(:\1)?$/.test(link)),
  'give the other service that name as an alias on a network of both (networks: { default: { aliases: [database] } })',
);

export const pullPolicy = warn(
  'for never and build',
  (value) => ['never', 'build'].includes(text(value)),
  'the image is pinned to its digest, which a registry may be asked for, and it is never built',
);

export const deployMode = warn(
  'for other modes',
  (value) => text(value) !== 'replicated',
  'only Docker Swarm uses it, and Compose ignores it too: the number of instances is that of replicas',
);

export const dependsOnItself = refuse(
  'for the service itself',
  (value, { project, service }) => Object.keys(value as object).some((name) => project.services[name] === service),
  'a service cannot wait for itself: remove it',
);

export const mountType = refuse(
  'for npipe, cluster and image',
  (value) => !['bind', 'volume', 'tmpfs'].includes(text(value)),
  'is neither bind, volume nor tmpfs: use one of these, or leave the service to Compose',
);

export const anonymousVolume = warn(
  'for a volume without a source',
  (_, { item }) => (item as ComposeMount).type === 'volume' && !(item as ComposeMount).source,
  'has no name: each instance starts with a new volume, which is removed with it; docker compose up would keep it',
);

export const selinuxAlone = warn(
  'on a named volume, and without create_host_path',
  (_, { item }) => (item as ComposeMount).bind?.create_host_path !== true,
  'Compose itself does not pass it on there',
);

const isUdp = (port: unknown) => (port as { protocol?: string }).protocol === 'udp';
const isAlone: Case['when'] = (_, { use, service: { scale, deploy } }) =>
  use.together === false && (use.instances ?? scale ?? deploy?.replicas ?? 1) === 1;

export const udpOfOne = carry(
  'over UDP, for one instance that is replaced by recreate',
  (value, context) => (value as unknown[]).every(isUdp) && isAlone(value, context),
);

export const udpOfMany = refuse(
  'over UDP otherwise',
  (value, context) => (value as unknown[]).every(isUdp) && !isAlone(value, context),
  'only one container can have a UDP port of the host, and no proxy forwards UDP: write strategy: { kind: recreate } in the spec, with one instance. Or leave the service to Compose by not naming it there',
);

type Port = { target: number; published?: string; protocol?: string };

/** A routed port whose host port Docker chooses; none if another port remains, which is refused. */
function chosenByDocker(value: unknown, context: Context): Port[] {
  const { fronted = [] } = context.use;
  const ports = value as Port[];
  const chosen = ports.filter(
    ({ target, published = '', protocol = 'tcp' }) =>
      protocol === 'tcp' && fronted.includes(target) && ['', '0'].includes(published),
  );
  const isDone = (one: Port) =>
    isUdp(one) ? isAlone(value, context) : chosen.includes(one) || takenOf(ports, one.target).includes(one);
  return ports.every(isDone) ? chosen : [];
}

export const portOfDocker: Case = {
  ...warn(
    'at a port that Docker chooses, where a proxy that Belay runs leads to it',
    (value, context) => chosenByDocker(value, context).length > 0,
    'the proxy publishes none in its place: write a fixed port if a program on the host uses it',
  ),
  tell(value, context) {
    const ports = [...new Set(chosenByDocker(value, context).map(({ target }) => target))];
    const fixed = ports.map((port) => `${port}:${port}`).join(', ');
    return `Docker chooses where port ${ports.join(' and ')} is published, and the proxy publishes none in its place. If a program on the host uses it, write a fixed one, such as ${fixed}`;
  },
};

export const portsOfHost = warn(
  'with network_mode: host',
  (_, { service }) => service.network_mode === 'host',
  'has no effect with network_mode: host: the service listens on the ports of the host themselves',
);

export const portsOutsideNetworks = refuse(
  'for a service with another network_mode than host',
  (value, { service: { network_mode: mode }, use }) =>
    mode !== undefined && mode !== 'host' && !use.routed && !(value as Port[]).every(isUdp),
  'two instances cannot publish one port, and with network_mode no proxy that Belay runs reaches them: take network_mode away and give the service routes in belay.yaml, or leave it to Compose by not naming it there',
);

/** A route with another port does not replace the published one, which would disappear. */
export const portWithoutRoute: Case = {
  ...refuse(
    'over TCP at a port of no route, behind a proxy that Belay runs',
    (value, context) => withoutRoute(value, context).length > 0,
    'correct the port of the route in belay.yaml, add a route, or take the port away here',
  ),
  tell(value, context) {
    const { fronted = [] } = context.use;
    const left = withoutRoute(value, context);
    const published = left.map(({ published, target }) => `${published ? `${published} to ` : ''}port ${target}`);
    const ports = [...new Set(left.map(({ target }) => target))].join(' or ');
    return `publishes ${published.join(', ')}, and no route of the service has port ${ports} (its routes in belay.yaml have ${fronted.join(', ')}): correct the port of the route, add a route with port ${ports}, or take the port away here`;
  },
};

function withoutRoute(value: unknown, { use: { fronted = [] } }: Context): Port[] {
  const ports = value as Port[];
  return fronted.length === 0 ? [] : ports.filter((one) => !isUdp(one) && !fronted.includes(one.target));
}

export const nameOfMany = warn(
  'for what docker itself calls a container',
  (_, { use }) => !use.routed,
  'still leads to the instances on their networks. Each has a name of its own, for they stand side by side while they are replaced. docker compose exec and logs find them by their service',
);

export const nameBesideProxy = warn(
  'for a service behind a HAProxy of yours',
  (_, { use }) => use.routed,
  'is not kept: it would lead past the proxy, as any name of the instances on their networks',
);

type Kind = 'secrets' | 'configs';

const declared = (project: ComposeProject, kind: Kind, source: unknown): ComposeFile | undefined =>
  project[kind][text(source)];

const undeclared = (kind: Kind): Case =>
  refuse(
    'where it is not declared',
    (value, { project }) => declared(project, kind, value) === undefined,
    `is not among the ${kind} of the file: declare it there`,
  );

export const undeclaredSecret = undeclared('secrets');
export const undeclaredConfig = undeclared('configs');

const isText = (file: ComposeFile | undefined) => file?.environment !== undefined || file?.content !== undefined;

export const readOnlyRoot = (kind: Kind): Case =>
  refuse(
    'for content and environment, with read_only',
    (value, { project, service }) => service.read_only === true && isText(declared(project, kind, value)),
    'is written into the container, whose file system is read-only: make it a file (file:)',
  );

/** Compose mounts a file with the owner that it has on the host. */
export const ownerOfFile = (kind: Kind): Case =>
  warn(
    'for file',
    (_, { project, item }) => declared(project, kind, (item as FileUse).source)?.file !== undefined,
    'a file is mounted with the owner and the mode that it has on the host, and Compose ignores it too',
  );
