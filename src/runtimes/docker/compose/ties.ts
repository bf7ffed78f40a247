import type { ComposeProject } from './project';

/** What leads another service to the very containers of one, and ends with them. */
export interface Tie {
  service: string;
  /** As the Compose file says it: `network_mode: service:api`. */
  by: string;
  /** Its own containers cannot go on without those of the other. */
  shares: boolean;
}

const namespaces = ['network_mode', 'ipc', 'pid'] as const;

/** Who is tied to the containers of this service. Pure. */
export function tiesTo({ services }: ComposeProject, name: string): Tie[] {
  const called = services[name]?.container_name;
  const own = [`service:${name}`, ...(called ? [`container:${called}`] : [])];
  return Object.entries(services).flatMap(([service, one]): Tie[] => [
    ...namespaces.flatMap((key): Tie[] =>
      own.includes(one[key] ?? '') ? [{ service, by: `${key}: ${one[key]}`, shares: true }] : [],
    ),
    // A name of its own outlasts the container: whatever takes the service's names has that one too.
    ...(called ? [] : (one.links ?? []))
      .filter((link) => link === name || link.startsWith(`${name}:`))
      .map((link) => ({ service, by: `links: ${link}`, shares: false })),
  ]);
}

/** Why a service and another cannot be replaced apart, in words; undefined where they can. Pure. */
export function sharedNamespace(project: ComposeProject, name: string): string | undefined {
  const own = namespaces.find((key) => /^(service|container):/.test(project.services[name]?.[key] ?? ''));
  if (own) return `it has ${own}: ${project.services[name]?.[own]}, and ends with that container`;
  const tie = tiesTo(project, name).find(({ shares }) => shares);
  return tie && `${tie.service} has ${tie.by}, and ends with its container`;
}
