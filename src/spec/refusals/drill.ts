import { askedPort } from '../checks';
import type { Problem } from '../problem';
import { isSystemd, type ServiceSpec } from '../spec';
import type { ServiceContext } from '.';

/** Problems of a shutdown drill that cannot work. */
export function drillRefusals({ service, path }: ServiceContext): Problem[] {
  if (!service.drill) return [];
  const at = [...path, 'drill'];
  const obstacle = unitObstacle(service);
  if (obstacle)
    return [{ path: at, message: obstacle, hint: 'write template and ports in place of unit, or leave drill out' }];
  if (service.strategy.kind === 'job')
    return [{ path: at, message: 'tests a shutdown, and a job ends by itself', hint: 'leave drill out' }];
  return [];
}

/** Why no second instance of a unit can run; undefined for services whose instances have ports of their own. Pure. */
export function unitObstacle(service: ServiceSpec): string | undefined {
  if (!isSystemd(service) || service.unit === undefined) return undefined;
  const { routes, health } = service;
  const port = routes[0]?.port ?? (health.ready && askedPort(health.ready));
  return port === undefined
    ? undefined
    : `needs a second instance, which would find port ${port} of ${service.unit} taken`;
}
