import type { Problem } from '../problem';
import type { ServiceContext } from '.';

/** Problems of a shutdown drill that cannot work. */
export function drillRefusals({ service, path }: ServiceContext): Problem[] {
  if (!service.drill) return [];
  const at = [...path, 'drill'];
  if (service.runtime === 'systemd')
    return [{ path: at, message: 'is not built for units of systemd', hint: 'leave drill out' }];
  if (service.strategy.kind === 'job')
    return [{ path: at, message: 'tests a shutdown, and a job ends by itself', hint: 'leave drill out' }];
  return [];
}
