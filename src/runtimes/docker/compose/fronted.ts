import type { ComposeProject } from './project';

interface Published {
  target: number;
  published?: string;
  protocol?: string;
}

/**
 * The project without the ports of services that a proxy publishes in their place; container ports by service. Of one that
 * Compose publishes at two ports of the host the proxy takes the first, and the other is still there.
 */
export function withoutPorts(compose: ComposeProject, fronted: Record<string, number[]>): ComposeProject {
  const entries = Object.entries(compose.services).map(([name, service]) => {
    const ports = (service.ports ?? []) as Published[];
    const left = ports.filter(
      (one) => !fronted[name]?.includes(one.target) || !takenOf(ports, one.target).includes(one),
    );
    return [name, { ...service, ports: left }] as const;
  });
  return { ...compose, services: Object.fromEntries(entries) };
}

/** Where Compose publishes a container's port, as a proxy can do it in its place: one port of the host, at each of its addresses. */
export function takenOf<Port extends Published>(ports: Port[], port: number): Port[] {
  const found = ports.filter(
    ({ target, published = '', protocol = 'tcp' }) => target === port && protocol === 'tcp' && !published.includes('-'),
  );
  return found.filter(({ published }) => published === found[0]?.published);
}
