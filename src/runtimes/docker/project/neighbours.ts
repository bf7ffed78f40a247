import type { ComposeProject, ComposeService } from '../compose/project';

/** Other services on one of the service's networks. */
export function neighboursIn({ services }: ComposeProject, name: string): string[] {
  const own = Object.keys(services[name]?.networks ?? {});
  const shares = ([other, { networks = {} }]: [string, ComposeService]) =>
    other !== name && Object.keys(networks).some((network) => own.includes(network));
  return Object.entries(services)
    .filter(shares)
    .map(([other]) => other);
}

/** The service's networks by the engine's names, with its names on each. */
export function namesOnNetworks({ services, networks }: ComposeProject, service: string): Record<string, string[]> {
  const { container_name, networks: own = {} } = services[service] ?? {};
  const names = [service, ...(container_name ? [container_name] : [])];
  return Object.fromEntries(
    Object.entries(own).map(([key, use]) => [
      networks[key]?.name ?? key,
      [...new Set([...names, ...(use?.aliases ?? [])])].sort(),
    ]),
  );
}
