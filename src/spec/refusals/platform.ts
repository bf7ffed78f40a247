import { askedPort } from '../checks';
import type { Path, Problem } from '../problem';
import { runtimeCapabilities, usualRuntime } from '../runtimes';
import { isSameUnit } from '../runtimes/systemd';
import { isSystemd, type ServiceSpec, type Spec } from '../spec';
import { extraInstances } from '../strategies';

/** Problems of services that cannot share a platform. */
export function platformRefusals(spec: Spec): Problem[] {
  return [...portRange(spec), ...sharedBackends(spec), ...sharedUnits(spec), ...sharedInstalls(spec)];
}

/** Every instance holds one reserved port for each container port; a release needs ports for extra instances too. */
function portRange(spec: Spec): Problem[] {
  const { first, last } = spec.hosts.local.ports;
  const needed = Object.values(spec.services).reduce((sum, service) => sum + portsNeeded(service), 0);
  const there = last - first + 1;
  if (needed <= there) return [];
  const message = `${first}-${last} holds ${there} ports, and the instances of a release need ${needed}`;
  const hint =
    first + needed - 1 <= 65535 ? `write ${first}-${first + needed - 1} or more` : 'write a range that begins lower';
  return [{ path: ['hosts', 'local', 'ports'], message, hint, reads: [['hosts']] }];
}

/** The least number of ports: one instance if the Compose file decides. */
function portsNeeded(service: ServiceSpec): number {
  if (runtimeCapabilities(service.runtime ?? usualRuntime).ports === 'own') return 0;
  const instances = service.instances ?? 1;
  const { ready } = service.health;
  const checks = [...(ready ? [ready] : []), ...service.validate];
  const ports = [...service.routes.map(({ port }) => port), ...checks.map(askedPort)];
  const distinct = new Set(ports.filter((port) => port !== undefined)).size;
  return distinct * (instances + extraInstances(service.strategy, instances));
}

interface Backend {
  proxy: string;
  backend: string;
  service: string;
  path: Path;
}

/** A backend's servers belong to one route of one service. */
function sharedBackends(spec: Spec): Problem[] {
  const backends = Object.entries(spec.services).flatMap(([service, { routes }]) =>
    routes.map(
      (route, index): Backend => ({
        proxy: route.proxy,
        backend: route.backend ?? service,
        service,
        path: ['services', service, 'routes', index, 'backend'],
      }),
    ),
  );
  return backends.flatMap((one, index): Problem[] => {
    const first = backends.slice(0, index).find((other) => other.proxy === one.proxy && other.backend === one.backend);
    if (!first) return [];
    const owner = first.service === one.service ? 'another route of this service' : `service ${first.service}`;
    const message = `${one.backend} of proxy ${one.proxy} is taken by ${owner}`;
    return [{ path: one.path, message, hint: 'give each route a backend of its own', reads: [first.path] }];
  });
}

/** A unit is the place of one service. */
function sharedUnits(spec: Spec): Problem[] {
  const units = Object.entries(spec.services).flatMap(([service, one]) => {
    if (!isSystemd(one)) return [];
    const key = one.unit === undefined ? 'template' : 'unit';
    return [{ unit: one[key], service, path: ['services', service, key] }];
  });
  return units.flatMap(({ unit, path }, index): Problem[] => {
    if (unit === undefined) return [];
    const first = units.slice(0, index).find((other) => other.unit !== undefined && isSameUnit(other.unit, unit));
    if (!first) return [];
    const message = `${unit} is ${first.unit === unit ? 'the unit' : `of ${first.unit}, the unit`} of service ${first.service}`;
    return [{ path, message, hint: 'give each service a unit of its own', reads: [first.path] }];
  });
}

/** A link leads to the files of one service. */
function sharedInstalls(spec: Spec): Problem[] {
  const links = Object.entries(spec.services).flatMap(([service, one]) =>
    isSystemd(one) && one.artifact
      ? [{ install: one.artifact.install, service, path: ['services', service, 'artifact', 'install'] }]
      : [],
  );
  return links.flatMap(({ install, path }, index): Problem[] => {
    const first = links.slice(0, index).find((other) => other.install === install);
    if (!first) return [];
    const message = `${install} is the path of service ${first.service}`;
    return [{ path, message, hint: 'give each service a path of its own', reads: [first.path] }];
  });
}
