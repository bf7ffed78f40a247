import { composeFacts } from '../../compose/facts';
import type { ComposeProject } from '../../compose/project';
import type { BackendNeed } from '../../proxies/haproxy-config';
import type { ServiceSpec, Spec } from '../../spec/spec';
import { extraInstances } from '../../spec/strategy-counts';

/** How many of a service's instances run at once while it is released. */
function mostInstances(
  name: string,
  { instances, strategy }: ServiceSpec,
  compose: ComposeProject | undefined,
): number {
  const count = instances ?? (compose && composeFacts(compose, name).instances) ?? 1;
  return count + extraInstances(strategy, count);
}

/** Loopback ports that a release of all services takes at most. Pure. */
export function portsNeeded({ services }: Spec, compose: ComposeProject | undefined): number {
  const each = Object.entries(services).map(
    ([name, service]) => mostInstances(name, service, compose) * portsOf(service).size,
  );
  return each.reduce((sum, one) => sum + one, 0);
}

function portsOf({ routes, health, validate }: ServiceSpec): Set<number> {
  const used = [...routes, ...validate].map(({ port }) => port);
  return new Set(
    [...used, health.ready?.port, health.ready?.tcp, health.ready?.grpc].filter((port) => port !== undefined),
  );
}

/** What services need of a proxy's backends; those that share one need the sum. Pure. */
export function backendNeeds({ services }: Spec, proxy: string, compose: ComposeProject | undefined): BackendNeed[] {
  const needs = new Map<string, BackendNeed>();
  for (const [name, service] of Object.entries(services)) {
    for (const route of service.routes.filter((one) => one.proxy === proxy)) {
      const backend = route.backend ?? name;
      const slots = mostInstances(name, service, compose) + (needs.get(backend)?.slots ?? 0);
      needs.set(backend, { backend, slots, readyPath: readyPath(service, route.port) });
    }
  }
  return [...needs.values()];
}

/** HAProxy can ask the same where the check is of the route's own port and answers 200. */
function readyPath({ health: { ready }, routes }: ServiceSpec, port: number): string | undefined {
  const checked = ready?.port ?? routes[0]?.port;
  return ready?.status === 200 && checked === port ? ready.http : undefined;
}
