import type { ComposeProject } from './project';

/** A tie of another service to the containers of one, which breaks with them. */
export interface Tie {
  service: string;
  /** The tie as the Compose file has it: `network_mode: service:api`. */
  by: string;
  /** True if its containers cannot run without the other service's. */
  shares: boolean;
}

const namespaces = ['network_mode', 'ipc', 'pid'] as const;

/** Services that are tied to the containers of this service. Pure. */
export function tiesTo({ services }: ComposeProject, name: string): Tie[] {
  const called = services[name]?.container_name;
  const own = [`service:${name}`, ...(called ? [`container:${called}`] : [])];
  return Object.entries(services).flatMap(([service, one]): Tie[] => [
    ...namespaces.flatMap((key): Tie[] =>
      own.includes(one[key] ?? '') ? [{ service, by: `${key}: ${one[key]}`, shares: true }] : [],
    ),
    // A container_name outlasts the container: the next owner of the service's names takes it over.
    ...(called ? [] : (one.links ?? []))
      .filter((link) => link === name || link.startsWith(`${name}:`))
      .map((link) => ({ service, by: `links: ${link}`, shares: false })),
  ]);
}

/** The reason why a service and another have to be replaced together; undefined if there is none. Pure. */
export function sharedNamespace(project: ComposeProject, name: string): string | undefined {
  const own = namespaces.find((key) => /^(service|container):/.test(project.services[name]?.[key] ?? ''));
  if (own) return `it has ${own}: ${project.services[name]?.[own]}, and ends with that container`;
  const tie = tiesTo(project, name).find(({ shares }) => shares);
  return tie && `${tie.service} has ${tie.by}, and ends with its container`;
}
