import type { ComposeService, InitInput } from '.';
import type { ListeningPort } from './findings';
import { nginxRoutes } from './nginx';
import { managedRoutes } from './routes';
import { line, scalar } from './text';
import { trafficComments } from './traffic';

type Proxy = InitInput['proxy'];

/** The lines of one service, with comments for the choices that are left. */
export function serviceBlock(service: ComposeService, proxy: Proxy): string[] {
  const lines = [
    `    # instances: ${service.replicas ?? 1}   # as Compose says`,
    ...(proxy === 'managed' ? managedRoutes(service) : [...route(service, proxy), ...fixedPorts(service, proxy)]),
    ...trafficComments(service, proxy),
    ...volumes(service),
    ...readiness(service),
  ];
  const empty = lines.every((one) => one.trimStart().startsWith('#'));
  return [`  ${scalar(service.name)}:${empty ? ' {}' : ''}`, ...lines];
}

/** The line that leads a proxy of the user to the service, if there is one. */
export function route(
  service: { name: string; listens: Array<{ port: number; published?: string[] }> },
  proxy: Exclude<Proxy, 'managed'>,
): string[] {
  const {
    name,
    listens: [first],
  } = service;
  if (!proxy || !first) return [];
  if (proxy.kind === 'nginx') return nginxRoutes(service, proxy);
  const { backends } = proxy;
  const { port } = first;
  if (backends.includes(name)) return [`    routes: [{ proxy: edge, backend: ${scalar(name)}, port: ${port} }]`];
  const known = backends.length > 0 ? `; it has ${backends.join(', ')}` : '';
  return [
    `    # No backend of the proxy is named ${name}${line(known)}.`,
    `    # routes: [{ proxy: edge, backend: …, port: ${port} }]`,
  ];
}

/** Fixed host ports: only one container can have each. */
function fixedPorts({ published = [] }: ComposeService, proxy: Exclude<Proxy, 'managed'>): string[] {
  if (published.length === 0) return [];
  const way = ways[proxy?.kind ?? 'none'];
  return [
    `    # It publishes ${line(published.join(' and '))} on the host, which two instances cannot have at once:`,
    `    # ${way}`,
  ];
}

const ways = {
  haproxy: 'take ports out of the Compose file, and let a frontend of the proxy listen there.',
  nginx: 'take ports out of the Compose file. Belay gives each instance a port, and tells nginx.',
  none: 'let a proxy that Belay runs take them over (proxies: { edge: { kind: haproxy, managed: true } }, and routes here).',
};

/** Writable volumes, to which two versions would write at once. */
function volumes({ writableVolumes, replicas = 1 }: ComposeService): string[] {
  if (writableVolumes.length === 0) return [];
  const where = line(writableVolumes.join(' and '));
  if (replicas > 1) {
    return [
      `    # ${replicas} instances write to ${where}, under Compose too. If that is not safe: instances: 1, strategy: { kind: recreate }`,
      '    shared_volumes: true',
    ];
  }
  return [
    `    # DOWNTIME: it writes to ${where}, so the old version stops before the new one starts, and the service is down meanwhile.`,
    '    # A failed release of it waits for you (on_failure: hold), and is not rolled back when another service fails.',
    '    strategy: { kind: recreate }',
  ];
}

function readiness({ listens: [first], healthcheck }: ComposeService): string[] {
  if (healthcheck && healthcheck.vacuous === undefined)
    return ['    health: { ready: { docker: true } }   # the HEALTHCHECK of Compose or of the image'];
  const vacuous = healthcheck
    ? [`    # Its HEALTHCHECK is vacuous: it cannot fail (${line(healthcheck.vacuous!)}), so it proves nothing.`]
    : [];
  if (!first)
    return [
      ...vacuous,
      '    # health: { ready: { http: /ready, port: 8080 } }   # without it, a running instance counts as ready',
    ];
  return [
    ...vacuous,
    `    health: { ready: { tcp: ${first.port} } }   # better: ${better(first)}, which sees more than an open port`,
  ];
}

const better = ({ port, protocol }: ListeningPort): string =>
  protocol === 'grpc' ? `{ grpc: ${port} }` : `{ http: /ready, port: ${port} }`;
