import type { ComposeProject } from './project';

/** The project without the ports of services that a proxy publishes in their place; container ports by service. */
export function withoutPorts(compose: ComposeProject, fronted: Record<string, number[]>): ComposeProject {
  const entries = Object.entries(compose.services).map(([name, service]) => {
    const ports = ((service.ports ?? []) as Array<{ target: number }>).filter(
      ({ target }) => !fronted[name]?.includes(target),
    );
    return [name, { ...service, ports }] as const;
  });
  return { ...compose, services: Object.fromEntries(entries) };
}
