import { capabilitiesAt } from './proxies';
import { dockerServices, type LiveCheck, type ReadyCheck, type Spec, type Validation } from './spec';
import { strategyKind } from './strategies';

/** The spec's use of a service in the Compose file. */
export interface CarriedUse {
  /** True if the spec names an image, so that the file needs none. */
  hasImage: boolean;
  /** True if the service has routes: traffic comes through a proxy. */
  routed: boolean;
  /** True if Belay checks the instances at ports: routes, readiness, tests. */
  asked?: boolean;
  /** Container ports of routes through a managed proxy. */
  fronted?: number[];
  /** True if two instances run at once during a release of the service. */
  together?: boolean;
  /** The number of instances, if the spec gives it. */
  instances?: number;
}

/** The spec's use of each service in its Compose file, by name. Pure. */
export function composeUses(spec: Spec): Record<string, CarriedUse> {
  const { proxies } = spec;
  const fronted = frontedPorts(spec);
  const entries = Object.entries(dockerServices(spec)).map(([name, one]) => {
    const { image, routes, health, validate, strategy, instances } = one;
    const checks = [health.ready, health.live, ...validate];
    const use: CarriedUse = {
      hasImage: image !== undefined,
      // A managed proxy takes the service's aliases.
      routed: routes.some(({ proxy }) => !capabilitiesAt(proxies, proxy).managed),
      asked: routes.length > 0 || checks.some((check) => check !== undefined && isAsked(check)),
      together: strategyKind(strategy.kind).overlaps,
      fronted: fronted[name],
      instances,
    };
    return [name, use] as const;
  });
  return Object.fromEntries(entries);
}

const isAsked = (check: ReadyCheck | LiveCheck | Validation): boolean =>
  check.docker === undefined && !('prometheus' in check && check.prometheus);

/** Container ports that managed proxies publish in place of the service, by service. Pure. */
export function frontedPorts(spec: Spec): Record<string, number[]> {
  const { proxies } = spec;
  const entries = Object.entries(dockerServices(spec)).map(([name, { routes }]) => [
    name,
    routes.filter(({ proxy }) => capabilitiesAt(proxies, proxy).managed).map(({ port }) => port),
  ]);
  return Object.fromEntries(entries);
}
