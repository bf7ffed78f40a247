import { environmentOf } from './environment';
import { type ComposeProject, type ComposeService, goDuration } from './project';
import type { ComposeMount } from './service-parts';

/** Facts of a Compose service that the spec may leave open. Times in milliseconds. */
export interface ComposeFacts {
  image?: string;
  instances?: number;
  stop: { signal?: string; grace?: number };
  /** The container's environment, without variables that are only removed from the image's. */
  environment: Record<string, string>;
  /** Paths in the container that an instance may write and another instance shares. */
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

/** Compose's name of a service's image, including an image that it builds. */
export const composeImage = ({ services, name }: ComposeProject, service: string): string =>
  services[service]?.image ?? `${name}-${service}`;

function withValues(environment: Record<string, string | null>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== null),
  );
}

/** Anonymous volumes and memory volumes belong to one instance. */
const isShared = ({ type, source, read_only }: ComposeMount) => !read_only && type !== 'tmpfs' && source !== undefined;

const isDisabled = ({ healthcheck }: ComposeService) =>
  healthcheck?.disable === true || healthcheck?.test?.[0] === 'NONE';
