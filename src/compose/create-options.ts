import type { ContainerCreateOptions, HealthConfig, HostConfig } from 'dockerode';
import type { StopPolicy } from '../spec/desired';
import {
  type ComposeHealthcheck,
  type ComposeMount,
  type ComposeProject,
  type ComposeService,
  goDuration,
} from './project';

/** Which instance it is; becomes its labels. */
export interface InstanceIdentity {
  platform: string;
  service: string;
  revision: number;
  /** From 1; Compose's container number too. */
  instance: number;
  fingerprint: string;
  /** The workflow id of the release that launches it. */
  release: string;
}

export interface InstanceRequest {
  project: ComposeProject;
  identity: InstanceIdentity;
  /** What the engine knows the image by: a tag or an id. */
  image: string;
  /** Host port by container port. */
  ports: Record<string, number>;
  stop: StopPolicy;
  /** Traffic comes by a proxy: the instance does not carry the service's network alias, which would lead past it. */
  routed: boolean;
}

/**
 * How the engine creates one instance of a Compose service. All networks stand in `NetworkingConfig.EndpointsConfig`,
 * the first of them is `NetworkMode`; engines before 25 take one at creation, so the runtime connects the others.
 */
export function createOptions(request: InstanceRequest): ContainerCreateOptions {
  const { project, identity, image, ports, stop } = request;
  const service = project.services[identity.service] ?? {};
  return defined({
    Image: image,
    Env: environment(service),
    Cmd: service.command ?? undefined,
    Entrypoint: service.entrypoint ?? undefined,
    User: service.user,
    Healthcheck: healthcheck(service.healthcheck),
    Labels: { ...service.labels, ...composeLabels(project, identity), ...belayLabels(identity) },
    StopSignal: stop.signal,
    StopTimeout: Math.ceil(stop.grace / 1000),
    ExposedPorts: portBindings(ports).ExposedPorts,
    HostConfig: hostConfig(project, service, ports),
    NetworkingConfig: { EndpointsConfig: endpoints(request, service) },
  });
}

/** A name without a value takes the variable out of the image's environment. */
function environment({ environment = {} }: ComposeService): string[] {
  return Object.entries(environment)
    .map(([name, value]) => (value === null ? name : `${name}=${value}`))
    .sort();
}

function healthcheck(check: ComposeHealthcheck | undefined): HealthConfig | undefined {
  if (!check) return undefined;
  if (check.disable) return { Test: ['NONE'] };
  return defined({
    Test: check.test,
    Interval: nanoseconds(check.interval),
    Timeout: nanoseconds(check.timeout),
    StartPeriod: nanoseconds(check.start_period),
    Retries: check.retries,
  });
}

const nanoseconds = (text: string | undefined) => (text === undefined ? undefined : Math.round(goDuration(text) * 1e6));

/** With these `docker compose ps` and `docker compose logs` show the instance. */
function composeLabels(project: ComposeProject, { service, instance }: InstanceIdentity): Record<string, string> {
  return {
    'com.docker.compose.project': project.name,
    'com.docker.compose.service': service,
    'com.docker.compose.config-hash': project.hashes[service] ?? '',
    'com.docker.compose.container-number': String(instance),
    'com.docker.compose.oneoff': 'False',
    'com.docker.compose.project.config_files': project.path,
    'com.docker.compose.project.working_dir': project.folder,
    'com.docker.compose.version': project.version,
  };
}

export function belayLabels(identity: InstanceIdentity): Record<string, string> {
  return {
    'belay.platform': identity.platform,
    'belay.service': identity.service,
    'belay.revision': String(identity.revision),
    'belay.instance': String(identity.instance),
    'belay.fingerprint': identity.fingerprint,
    'belay.release': identity.release,
  };
}

function hostConfig(project: ComposeProject, service: ComposeService, ports: Record<string, number>): HostConfig {
  const mounts = service.volumes ?? [];
  return defined({
    NetworkMode: networkNames(project, service)[0]?.name,
    PortBindings: portBindings(ports).PortBindings,
    RestartPolicy: { Name: 'unless-stopped' },
    Binds: mounts.filter(isPlainBind).map(bind),
    Mounts: mounts.filter((mount) => !isPlainBind(mount)).map((mount) => toMount(project, mount)),
  });
}

/** As Compose does: a bind whose path the engine may create, and which the short form can say. */
const isPlainBind = (mount: ComposeMount) =>
  mount.type === 'bind' && mount.bind?.create_host_path === true && !`${mount.source}${mount.target}`.includes(':');

const bind = ({ source, target, read_only }: ComposeMount) => `${source}:${target}:${read_only ? 'ro' : 'rw'}`;

function toMount(project: ComposeProject, { type, source = '', target, read_only = false }: ComposeMount) {
  if (type === 'bind') return { Type: 'bind' as const, Source: source, Target: target, ReadOnly: read_only };
  const name = project.volumes[source]?.name ?? source;
  return { Type: 'volume' as const, Source: name, Target: target, ReadOnly: read_only };
}

/** The service's networks by the names the engine knows, in the order of their keys. */
function networkNames(project: ComposeProject, { networks }: ComposeService): Array<{ key: string; name: string }> {
  const keys = Object.keys(networks ?? {}).sort();
  return keys.map((key) => ({ key, name: project.networks[key]?.name ?? key }));
}

function endpoints({ project, identity, routed }: InstanceRequest, service: ComposeService) {
  const aliases = (key: string) => [identity.service, ...(service.networks?.[key]?.aliases ?? [])];
  const entries = networkNames(project, service).map(({ key, name }) => [
    name,
    routed ? {} : { Aliases: aliases(key) },
  ]);
  return Object.fromEntries(entries) as Record<string, { Aliases?: string[] }>;
}

/** Host port by container port, on loopback, as the engine wants it. */
export function portBindings(ports: Record<string, number>) {
  return {
    ExposedPorts: mapPorts(ports, () => ({})),
    PortBindings: mapPorts(ports, (host) => [{ HostIp: '127.0.0.1', HostPort: String(host) }]),
  };
}

function mapPorts<T>(ports: Record<string, number>, map: (host: number) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(ports).map(([port, host]) => [`${port}/tcp`, map(host)]));
}

function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}
