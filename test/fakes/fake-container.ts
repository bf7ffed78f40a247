import type { CreateOptions } from '../../src/runtimes/docker/create-options';
import { originOf } from '../../src/runtimes/docker/observe';
import { type InstanceQuery, labels, type RuntimeInstance } from '../../src/runtimes/runtime';

/** A container of the fake engine. */
export interface FakeContainer {
  name: string;
  options: CreateOptions;
  number?: number;
  revision: number;
  fingerprint: string;
  state: RuntimeInstance['state'];
  exitCode?: number;
  startedAt: string;
  health: RuntimeInstance['health'];
  /** A text says why not. */
  ready: boolean | string;
  stubborn: boolean;
  log: string;
  /** Length of the log before its latest start. */
  logBefore?: number;
}

const identity = [labels.platform, labels.service, labels.revision, labels.instance, labels.fingerprint, labels.job];

export const sameIdentity = (a: CreateOptions, b: CreateOptions) =>
  identity.every((label) => a.Labels?.[label] === b.Labels?.[label]);

/** Labels of Belay's, else those that Compose gives: revision 0. */
export function identityOf({
  Labels = {},
  Image,
}: CreateOptions): Pick<RuntimeInstance, 'number' | 'revision' | 'fingerprint'> {
  if (Labels[labels.platform] !== undefined) {
    const number = Number(Labels[labels.instance]);
    return { number, revision: Number(Labels[labels.revision]), fingerprint: Labels[labels.fingerprint] ?? '' };
  }
  return { revision: 0, fingerprint: `compose:${Labels['com.docker.compose.config-hash'] ?? ''}:${Image}` };
}

export function matches(
  { name: own, options: { Labels = {} } }: FakeContainer,
  { platform, service, project, name = own, jobs }: InstanceQuery,
): boolean {
  if (name !== own || (Labels[labels.job] !== undefined) !== (jobs ?? false)) return false;
  if (Labels[labels.platform] !== undefined) {
    return Labels[labels.platform] === platform && Labels[labels.service] === service;
  }
  const ofCompose =
    Labels['com.docker.compose.project'] === project && Labels['com.docker.compose.service'] === service;
  return project !== undefined && ofCompose;
}

function composeMarks({ Labels = {} }: CreateOptions): Pick<RuntimeInstance, 'compose'> {
  const hash = Labels['com.docker.compose.config-hash'];
  const image = Labels['com.docker.compose.image'];
  const counted = Labels['com.docker.compose.oneoff'] !== 'True';
  return hash === undefined ? {} : { compose: { hash, ...(image && { image }), counted } };
}

/** Host port by container port. */
export function portsOf({ HostConfig }: CreateOptions): Record<string, number> {
  const bindings = (HostConfig?.PortBindings ?? {}) as Record<string, Array<{ HostPort: string }>>;
  return Object.fromEntries(
    Object.entries(bindings).map(([port, [first]]) => [port.split('/')[0]!, Number(first!.HostPort)]),
  );
}

/** Returns the ports of the host, at whatever address. */
export function publishedOf({ HostConfig }: CreateOptions): number[] {
  const bindings = (HostConfig?.PortBindings ?? {}) as Record<string, Array<{ HostPort: string }>>;
  return Object.values(bindings).flatMap((list) => list.map(({ HostPort }) => Number(HostPort)));
}

export function toInstance(container: FakeContainer): RuntimeInstance {
  const { name, number, revision, fingerprint, state, exitCode, startedAt, health, options } = container;
  const job = options.Labels?.[labels.job];
  return {
    name,
    ...(job !== undefined && { job }),
    ...(number !== undefined && { number }),
    revision,
    fingerprint,
    state,
    ...(state === 'exited' && { exitCode }),
    restarts: 0,
    startedAt,
    health,
    ports: portsOf(options),
    published: publishedOf(options),
    stopSignal: options.StopSignal ?? 'SIGTERM',
    ...composeMarks(options),
    ...originOf(options.Labels ?? {}, options.Image ?? ''),
  };
}
