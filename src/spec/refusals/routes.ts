import type { Path, Problem } from '../problem';
import { capabilitiesAt, capabilitiesOf, insteadOf, type RouteKey, routeKeys } from '../proxies';
import type { ServiceSpec, Spec } from '../spec';
import type { ServiceContext } from '.';

type Route = ServiceSpec['routes'][number];

/** Problems of routes with their proxies. */
export function routeRefusals(context: ServiceContext): Problem[] {
  const { spec, service, path } = context;
  const routes = service.routes.flatMap((route, index) => {
    const at: Path = [...path, 'routes', index];
    return [...foreignKeys(spec, route, at), ...withoutRequests(route, at)];
  });
  return [...routes, ...sharedPorts(context), ...heldNowhere(context), ...unaskable(context)];
}

/** A port of a managed proxy belongs to one route. */
function sharedPorts({ spec, service, path }: ServiceContext): Problem[] {
  return service.routes.flatMap(({ proxy, port }, index): Problem[] => {
    const first = service.routes.findIndex((other) => other.proxy === proxy && other.port === port);
    if (first === index || !capabilitiesAt(spec.proxies, proxy).managed) return [];
    const message = `${port} of proxy ${proxy} is taken by another route of this service`;
    const at = (place: number): Path => [...path, 'routes', place, 'port'];
    return [{ path: at(index), message, hint: 'leave one of them out', reads: [at(first), ['proxies', proxy]] }];
  });
}

/** The user configures a proxy of their own. */
function foreignKeys({ proxies }: Spec, route: Route, path: Path): Problem[] {
  const known = Object.hasOwn(proxies, route.proxy) ? proxies[route.proxy] : undefined;
  if (known === undefined || capabilitiesOf(known).managed) return [];
  const isToldHere = (key: RouteKey): boolean => key === 'client_address' && route[key] === 'proxy-protocol';
  const keys = routeKeys.filter((key) => route[key] !== undefined && !isToldHere(key));
  return keys.map((key) => ({
    path: [...path, key],
    atKey: true,
    message: `belongs to a proxy that Belay runs, and ${route.proxy} is not one`,
    hint: insteadOf(known, key),
    reads: [['proxies', route.proxy]],
  }));
}

/** Keys that need separate requests, which a TCP route does not have. */
function withoutRequests({ protocol, resend, sticky, client_address }: Route, path: Path): Problem[] {
  if (protocol !== 'tcp') return [];
  const refuse = (key: RouteKey, hint: string): Problem => ({
    path: [...path, key],
    message: 'needs requests, and tcp carries connections',
    hint,
    reads: [[...path, 'protocol']],
  });
  return [
    ...(resend === undefined ? [] : [refuse('resend', 'leave it out; nothing is sent again')]),
    ...(sticky === 'cookie' ? [refuse('sticky', "write source, which goes by the client's address")] : []),
    ...(client_address === 'forwarded-for'
      ? [refuse('client_address', 'write proxy-protocol, where the service understands it, or leave it out')]
      : []),
  ];
}

function heldNowhere({ spec: { proxies }, service, path }: ServiceContext): Problem[] {
  const { hold, routes } = service;
  if (hold === undefined || routes.some(({ proxy }) => capabilitiesAt(proxies, proxy).managed)) return [];
  const through = routes.map(({ proxy }) => proxy).find((name) => capabilitiesAt(proxies, name).places !== 'none');
  return [
    {
      path: [...path, 'hold'],
      atKey: true,
      message: 'belongs to a proxy that Belay runs, and no route leads through one',
      hint:
        through === undefined
          ? 'leave it out, or add a route through a proxy with managed: true'
          : insteadOf(proxies[through]!, 'hold'),
      reads: [[...path, 'routes'], ['proxies']],
    },
  ];
}

/** A gRPC check cannot send the PROXY protocol's line. */
function unaskable({ service: { routes, health }, path }: ServiceContext): Problem[] {
  const port = health.ready?.grpc;
  const index = routes.findIndex((route) => route.port === port && route.client_address === 'proxy-protocol');
  if (index === -1) return [];
  return [
    {
      path: [...path, 'health', 'ready', 'grpc'],
      message: `cannot ask port ${port}, which expects the PROXY protocol ahead of each connection`,
      hint: `write tcp: ${port} or docker: true in its place, or a port that does not expect it`,
      reads: [[...path, 'routes', index, 'client_address']],
    },
  ];
}
