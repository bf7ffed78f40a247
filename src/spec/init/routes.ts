import { listed } from '../sentences';
import type { ComposeService } from '.';
import type { ListeningPort } from './findings';
import type { Speaker } from './notes';
import { line, scalar } from './text';

/**
 * A route through a managed proxy for each port that clients connect to. Comments say what the Compose file leaves
 * open.
 */
export function managedRoutes(service: ComposeService, speaker: Speaker): string[] {
  const { listens, offNetwork } = service;
  if (offNetwork || listens.length === 0) return unrouted(service, speaker);
  return [
    ...hostPorts(service, speaker),
    '    routes:',
    ...listens.map((one, index) => route(service, one, index === 0, speaker)),
  ];
}

/** Says of a service that no proxy leads to it, and why. */
export function unrouted({ listens, maybe = [], offNetwork, awaited }: ComposeService, speaker: Speaker): string[] {
  if (offNetwork) return listens.length > 0 ? [unreachable] : [noRoute(speaker)];
  if (listens.length > 0) return [];
  if (maybe.length > 0) return [possible(maybe)];
  return [awaited ? unknown : noRoute(speaker)];
}

const unreachable =
  '    # No routes: it has no network of its own (network_mode), so no proxy reaches it, and it takes traffic from its start.';
const unknown =
  '    # Other services depend on it, but the Compose file names no port: routes: [{ proxy: edge, port: … }], or it takes traffic from its start.';
const possible = (ports: number[]): string =>
  `    # No route: only a variable or EXPOSE names port ${listed(ports.map(String))}. If clients connect to it: routes: [{ proxy: edge, port: ${ports[0]}, protocol: … }]`;
const noRoute = (speaker: Speaker): string =>
  `    # ${speaker.say({
    note: 'unrouted',
    full: 'No route: nothing in the Compose file connects to it. If something does: routes: [{ proxy: edge, port: … }]',
    short: 'no route',
  })}`;

/**
 * The first route's backend has the service's name. Others append the port after a dot, which no service's name
 * contains.
 */
function route(
  { name }: ComposeService,
  { port, protocol = 'unproven' }: Omit<ListeningPort, 'protocol'> & { protocol?: string },
  isFirst: boolean,
  speaker: Speaker,
): string {
  const backend = isFirst ? '' : `backend: ${scalar(`${name}.${port}`)}, `;
  const written = protocol === 'http' ? '' : `, protocol: ${protocol === 'unproven' ? 'tcp' : protocol}`;
  const doubt = protocol === 'unproven' ? `   # ${speaker.say(unproven(port))}` : '';
  return `      - { proxy: edge, ${backend}port: ${port}${written} }${doubt}`;
}

/** A usual port is a guess, and no proof. tcp suits every protocol. */
const unproven = (port: number) => ({
  note: 'unproven' as const,
  full: `nothing proves what it carries${guess(port)}; with http or grpc, Belay drains requests, not connections`,
  short: 'unproven',
});

function guess(port: number): string {
  if (port >= 50051 && port <= 50059) return ', grpc by its usual port';
  return usualHttp.includes(port) || (port >= 8000 && port <= 8099) ? ', http by its usual port' : '';
}

const usualHttp = [80, 3000, 4000, 5000, 8888, 9090];

/** Ports of the host, one for each route. */
function hostPorts({ listens, published = [] }: ComposeService, speaker: Speaker): string[] {
  const first = listens.flatMap((one) => one.published.slice(0, 1)).filter((port) => /^\d+$/.test(port));
  const rest = published.filter((port) => !first.includes(port));
  const full = `    # The proxy publishes ${line(listed(first))} in its place.`;
  return [
    ...(first.length > 0 ? [speaker.say({ note: 'published', full, short: '' })].filter(Boolean) : []),
    ...(rest.length > 0
      ? [
          `    # NOT PUBLISHED any more: ${line(listed(rest))}. Of each TCP port of a service the proxy publishes one, on one port of the host.`,
        ]
      : []),
  ];
}
