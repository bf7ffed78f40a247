import { environmentOf } from './environment';
import { type ComposeProject, type ComposeService, goDuration } from './project';
import type { ComposeMount } from './service-parts';

/** What a Compose service says that the spec may leave open. Times in milliseconds. */
export interface ComposeFacts {
  image?: string;
  instances?: number;
  stop: { signal?: string; grace?: number };
  /** Environment as the container gets it: without what is only taken out of the image's. */
  environment: Record<string, string>;
  /** Paths in the container that an instance may write to and another instance sees too. */
  writable: string[];
  hasHealthcheck: boolean;
}

/** Facts of one service of the project. */
export function composeFacts(project: ComposeProject, name: string): ComposeFacts {
  const service = project.services[name] ?? {};
  const { image, deploy, scale, stop_signal: signal, stop_grace_period: grace } = service;
  return {
    image,
    instances: scale ?? deploy?.replicas,
    stop: { signal, grace: grace === undefined ? undefined : goDuration(grace) },
    environment: withValues(environmentOf(project, service)),
    writable: (service.volumes ?? []).filter(isShared).map((mount) => mount.target),
    hasHealthcheck: service.healthcheck !== undefined && !isDisabled(service),
  };
}

/** What Compose calls the image of a service, also of one that it builds. */
export const composeImage = ({ services, name }: ComposeProject, service: string): string =>
  services[service]?.image ?? `${name}-${service}`;

function withValues(environment: Record<string, string | null>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== null),
  );
}

/** Volumes without a name, and those in memory, are each instance's own. */
const isShared = ({ type, source, read_only }: ComposeMount) => !read_only && type !== 'tmpfs' && source !== undefined;

const isDisabled = ({ healthcheck }: ComposeService) =>
  healthcheck?.disable === true || healthcheck?.test?.[0] === 'NONE';
