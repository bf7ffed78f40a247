import { type ComposeProject, type ComposeService, goDuration } from './project';

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
  const { image, deploy, stop_signal: signal, stop_grace_period: grace } = service;
  return {
    image,
    instances: deploy?.replicas,
    stop: { signal, grace: grace === undefined ? undefined : goDuration(grace) },
    environment: environmentOf(service),
    writable: (service.volumes ?? []).filter((mount) => !mount.read_only).map((mount) => mount.target),
    hasHealthcheck: service.healthcheck !== undefined && !isDisabled(service),
  };
}

function environmentOf({ environment }: ComposeService): Record<string, string> {
  const entries = Object.entries(environment ?? {}).filter((entry): entry is [string, string] => entry[1] !== null);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const isDisabled = ({ healthcheck }: ComposeService) =>
  healthcheck?.disable === true || healthcheck?.test?.[0] === 'NONE';
