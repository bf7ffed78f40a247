import type { DesiredRoute, StopPolicy } from '../../../model/desired';
import type { CreateOptions } from '../create-options';
import { createOptions } from './create-options';
import type { ComposeProject } from './project';

/** The engine's complete instructions for an instance, and the rest of its identity, by common names. */
export type EngineInstructions = Record<string, unknown>;

export interface InstructionOptions {
  project: ComposeProject;
  service: string;
  /** The image's digest or id; the tag does not count. */
  digest: string;
  /** Digest of the mounted files; empty without any. */
  content: string;
  /** Published container ports. */
  ports: number[];
  routes: DesiredRoute[];
  stop: StopPolicy;
}

/**
 * The second formula. It leaves out Compose's own labels, so that a new version of Compose with other hashes changes
 * nothing. A change of what the engine is told, or of its order, needs a new formula. Pure.
 */
export function engineInstructions({
  project,
  service,
  digest,
  content,
  ports,
  routes,
  stop,
}: InstructionOptions): EngineInstructions {
  const { Labels, HostConfig = {}, ...options } = optionsOf({ project, service, stop, routed: routes.length > 0 });
  const { Env, Cmd, Entrypoint, Healthcheck, NetworkingConfig, ExposedPorts, platform, Files, ...program } = options;
  const { Binds, Mounts, Tmpfs, NetworkMode, Links, Dns, DnsSearch, DnsOptions, ExtraHosts, ...limits } = HostConfig;
  const { Image, StopSignal, StopTimeout, ...rest } = program;
  return {
    image: [digest, platform],
    env: Env,
    command: [Cmd, Entrypoint],
    mounts: [Binds, Mounts, Tmpfs],
    networks: [NetworkingConfig, NetworkMode, Links, Dns, DnsSearch, DnsOptions, ExtraHosts],
    ports: [[...new Set(ports)].sort((a, b) => a - b), Object.keys(ExposedPorts ?? {}).sort()],
    'stop policy': [StopSignal, stop.grace],
    routes: routes.map(({ proxy, backend, port }) => [proxy, backend, port].join('/')).sort(),
    healthcheck: Healthcheck,
    labels: ownLabels(Labels),
    'file content': [content, Files],
    options: [rest, limits],
  };
}

const optionsOf = ({
  project,
  service,
  stop,
  routed,
}: Pick<InstructionOptions, 'project' | 'service' | 'stop'> & { routed: boolean }) => {
  const identity = { platform: '', service, revision: 0, instance: 0, fingerprint: '', release: '' };
  return createOptions({ project, identity, image: '', ports: {}, stop, routed }) as CreateOptions;
};

/** The labels in the file. */
const ownLabels = (labels: Record<string, string> = {}): string[][] =>
  Object.entries(labels)
    .filter(([name]) => !/^(com\.docker\.compose|belay)\./.test(name))
    .sort();
