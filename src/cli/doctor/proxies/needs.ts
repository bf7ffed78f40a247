import type { BackendNeed } from '../../../proxies/haproxy/config';
import { setNames } from '../../../proxies/sets';
import { composeFacts } from '../../../runtimes/docker/compose/facts';
import type { ComposeProject } from '../../../runtimes/docker/compose/project';
import { askedPort } from '../../../spec/checks';
import type { ServiceSpec, Spec } from '../../../spec/spec';
import { extraInstances, strategyKind } from '../../../spec/strategies';

/** Returns the requested number of a service's instances. */
const instancesOf = (name: string, { instances }: ServiceSpec, compose: ComposeProject | undefined): number =>
  instances ?? (compose && composeFacts(compose, name).instances) ?? 1;

/** Returns the largest number of its instances during a release. */
function mostInstances(name: string, service: ServiceSpec, compose: ComposeProject | undefined): number {
  const count = instancesOf(name, service, compose);
  return count + extraInstances(service.strategy, count);
}

/** Returns the largest number of loopback ports that a release of all services takes. Pure. */
export function portsNeeded({ services }: Spec, compose: ComposeProject | undefined): number {
  const each = Object.entries(services).map(
    ([name, service]) => mostInstances(name, service, compose) * portsOf(service).size,
  );
  return each.reduce((sum, one) => sum + one, 0);
}

function portsOf({ routes, health, validate }: ServiceSpec): Set<number> {
  const { ready } = health;
  const used = [...[...routes, ...validate].map(({ port }) => port), ready && askedPort(ready)];
  return new Set(used.filter((port) => port !== undefined));
}

/** Returns the requirements on a proxy's backends; services that share a backend need the sum. Pure. */
export function backendNeeds({ services }: Spec, proxy: string, compose: ComposeProject | undefined): BackendNeed[] {
  const needs = new Map<string, BackendNeed>();
  for (const [name, service] of Object.entries(services)) {
    for (const route of service.routes.filter((one) => one.proxy === proxy)) {
      for (const need of needsOf({ name, service, backend: route.backend ?? name, compose })) {
        const slots = need.slots + (needs.get(need.backend)?.slots ?? 0);
        needs.set(need.backend, {
          ...need,
          slots,
          ...readyCheck(service, route.port),
          readyTimeout: service.health.ready?.timeout,
        });
      }
    }
  }
  return [...needs.values()];
}

interface Routed {
  name: string;
  service: ServiceSpec;
  backend: string;
  compose: ComposeProject | undefined;
}

/** Two sets have a backend each, with a server for every instance. */
function needsOf({ name, service, backend, compose }: Routed): BackendNeed[] {
  const { asks } = strategyKind(service.strategy.kind);
  if (asks === 'switch') {
    const slots = instancesOf(name, service, compose);
    return setNames(backend).map((set) => ({ backend: set, slots, key: backend }));
  }
  const { strategy } = service;
  const match = strategy.kind === 'canary' && strategy.match && { match: strategy.match };
  const slots = mostInstances(name, service, compose);
  return [{ backend, slots, ...(asks === 'shares' && { weighed: true }), ...match }];
}

/** HAProxy can make the same check if it uses the route's own port and expects 200. */
function readyCheck(
  { health: { ready }, routes }: ServiceSpec,
  port: number,
): Pick<BackendNeed, 'readyPath' | 'readyHeaders'> {
  const checked = ready?.port ?? routes[0]?.port;
  if (!ready?.http || (ready.method ?? 'GET') !== 'GET' || ready.status !== 200 || checked !== port) return {};
  return { readyPath: ready.http, ...(ready.headers && { readyHeaders: ready.headers }) };
}
