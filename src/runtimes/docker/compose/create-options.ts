import type { StopPolicy } from '../../../model/desired';
import { instanceName } from '../../../model/instance-name';
import type { InstanceIdentity } from '../../runtime';
import type { CreateOptions } from '../create-options';
import { defined } from './defined';
import { endpoints, macAddress } from './endpoints';
import { environmentOf } from './environment';
import { instanceFiles } from './files';
import { healthcheck } from './healthcheck';
import { hostConfig } from './host-config';
import { belayLabels, composeLabels } from './labels';
import type { ComposeProject, ComposeService } from './project';

export interface InstanceRequest {
  project: ComposeProject;
  identity: InstanceIdentity;
  /** The engine's name of the image: a tag or an id. */
  image: string;
  /** The image's own id, by which Compose recognises an instance of the file's version. */
  imageId?: string;
  /** Host port by container port. */
  ports: Record<string, number>;
  stop: StopPolicy;
  /** True if traffic comes through a proxy: the service's network alias would lead past it. */
  routed: boolean;
}

/**
 * The engine's options for one instance of a Compose service. `NetworkingConfig.EndpointsConfig` lists all networks,
 * and the first is `NetworkMode`. Engines before 25 take one network at creation, so the runtime connects the others.
 * Throws `compose-invalid` if a variable of a secret is not set.
 */
export function createOptions(request: InstanceRequest): CreateOptions {
  const { project, identity, image, imageId, ports, stop, routed } = request;
  const { service: name, instance } = identity;
  const service = project.services[name] ?? {};
  const files = instanceFiles(project, service);
  const owner = { name: instanceName(identity), service: name, number: instance, routed };
  const { ExposedPorts, PortBindings } = portBindings(ports);
  const own = udpBindings(service);
  return defined({
    ...program(project, service),
    Image: image,
    platform: service.platform,
    Labels: {
      ...service.labels,
      ...composeLabels(project, { service: name, instance, imageId }),
      ...belayLabels(identity),
    },
    StopSignal: stop.signal,
    StopTimeout: Math.ceil(stop.grace / 1000),
    ExposedPorts: { ...exposed(service), ...mapValues(own, () => ({})), ...ExposedPorts },
    HostConfig: { ...hostConfig(project, service), PortBindings: { ...own, ...PortBindings } },
    NetworkingConfig: { EndpointsConfig: endpoints(project, service, owner) },
    Files: files.length > 0 ? files : undefined,
  });
}

/** The program of the container. */
function program(project: ComposeProject, service: ComposeService): CreateOptions {
  return {
    Hostname: service.hostname,
    Domainname: service.domainname,
    MacAddress: macAddress(service),
    Env: environment(project, service),
    Cmd: service.command ?? undefined,
    Entrypoint: service.entrypoint ?? undefined,
    User: service.user,
    WorkingDir: service.working_dir,
    Tty: service.tty,
    OpenStdin: service.stdin_open,
    AttachStdout: true,
    AttachStderr: true,
    Healthcheck: healthcheck(service.healthcheck),
  };
}

/** A name without a value removes the variable from the image's environment. */
function environment(project: ComposeProject, service: ComposeService): string[] {
  const all = Object.entries(environmentOf(project, service));
  return all.map(([name, value]) => (value === null ? name : `${name}=${value}`));
}

const exposed = ({ expose = [] }: ComposeService) => Object.fromEntries(expose.map((port) => [port, {}]));

/** UDP ports, which the only instance of a service publishes itself. */
function udpBindings({ ports = [] }: ComposeService): PortMap {
  const udp = (ports as Published[]).filter(({ protocol }) => protocol === 'udp');
  const of = (port: number) => udp.filter(({ target }) => target === port);
  return Object.fromEntries(
    udp.map(({ target }) => [
      `${target}/udp`,
      of(target).map(({ host_ip = '', published = '' }) => ({ HostIp: host_ip, HostPort: published })),
    ]),
  );
}

type PortMap = Record<string, Array<{ HostIp: string; HostPort: string }>>;

interface Published {
  target: number;
  published?: string;
  protocol?: string;
  host_ip?: string;
}

const mapValues = <T>(record: object, value: () => T): Record<string, T> =>
  Object.fromEntries(Object.keys(record).map((key) => [key, value()]));

/** Host port by container port, on loopback, in the engine's form. */
export function portBindings(ports: Record<string, number>) {
  return {
    ExposedPorts: mapPorts(ports, () => ({})),
    PortBindings: mapPorts(ports, (host) => [{ HostIp: '127.0.0.1', HostPort: String(host) }]),
  };
}

function mapPorts<T>(ports: Record<string, number>, map: (host: number) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(ports).map(([port, host]) => [`${port}/tcp`, map(host)]));
}
