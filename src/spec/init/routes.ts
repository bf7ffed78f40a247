import type { ComposeService } from '.';
import type { ListeningPort } from './findings';
import { line, scalar } from './text';

/**
 * A route through a managed proxy for each port that clients connect to. Comments say what the Compose file leaves
 * open.
 */
export function managedRoutes(service: ComposeService): string[] {
  const { listens, offNetwork, awaited } = service;
  if (offNetwork) return listens.length > 0 ? [unreachable] : [];
  if (listens.length === 0) return awaited ? [unknown] : [];
  return [...hostPorts(service), '    routes:', ...listens.map((one, index) => route(service, one, index === 0))];
}

const unreachable =
  '    # No routes: it has no network of its own (network_mode), so no proxy reaches it, and it takes traffic from its start.';
const unknown =
  '    # Other services depend on it, but the Compose file names no port: routes: [{ proxy: edge, port: … }], or it takes traffic from its start.';

/**
 * The first route's backend has the service's name. Others append the port after a dot, which no service's name
 * contains.
 */
function route({ name }: ComposeService, { port, protocol }: ListeningPort, isFirst: boolean): string {
  const backend = isFirst ? '' : `backend: ${scalar(`${name}.${port}`)}, `;
  const { carries, doubt = '' } = protocol ? { carries: protocol } : guess(port);
  const written = carries === 'http' ? '' : `, protocol: ${carries}`;
  return `      - { proxy: edge, ${backend}port: ${port}${written} }${doubt}`;
}

/** The protocol by the usual ports. An unknown port carries TCP, which suits every protocol. */
function guess(port: number): { carries: 'http' | 'grpc' | 'tcp'; doubt: string } {
  if (port >= 50051 && port <= 50059)
    return { carries: 'grpc', doubt: '   # a guess; write http or tcp if it carries that' };
  if (usualHttp.includes(port) || (port >= 8000 && port <= 8099))
    return { carries: 'http', doubt: '   # http, a guess; write protocol: grpc or tcp if it carries that' };
  return {
    carries: 'tcp',
    doubt: '   # write http or grpc if it carries that: then Belay drains requests, not connections',
  };
}

const usualHttp = [80, 3000, 4000, 5000, 8888, 9090];

/** Ports of the host, one for each route. */
function hostPorts({ listens, published = [] }: ComposeService): string[] {
  const first = listens.flatMap((one) => one.published.slice(0, 1)).filter((port) => /^\d+$/.test(port));
  const rest = published.filter((port) => !first.includes(port));
  return [
    ...(first.length > 0 ? [`    # The proxy publishes ${line(first.join(' and '))} in its place.`] : []),
    ...(rest.length > 0
      ? [
          `    # NOT PUBLISHED any more: ${line(rest.join(' and '))}. Of each TCP port of a service the proxy publishes one, on one port of the host.`,
        ]
      : []),
  ];
}
