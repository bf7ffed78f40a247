import type { ComposeProject } from './project';

interface Published {
  target: number;
  published?: string;
  protocol?: string;
}

/**
 * The project without the ports that a proxy publishes for services; container ports by service. If Compose publishes a
 * port twice, the proxy takes the first, and the other stays.
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

/** The publication of a container port that a proxy can take: one host port, at each address. */
export function takenOf<Port extends Published>(ports: Port[], port: number): Port[] {
  const found = ports.filter(
    ({ target, published = '', protocol = 'tcp' }) => target === port && protocol === 'tcp' && !published.includes('-'),
  );
  return found.filter(({ published }) => published === found[0]?.published);
}
