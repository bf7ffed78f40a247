import type { StepOf } from '../plan';
import type { Kind } from './kind';

/** A managed proxy serves the service, or no longer does. */
export const proxy: Kind<StepOf<'proxy'>> = {
  phase: 'preparing',
  describe: ({ front, proxy, service }) =>
    front ? `serve ${service} on proxy ${proxy}` : `remove ${service} from proxy ${proxy}`,
  summary: ({ front, proxy, service }) => (front ? `${proxy} serves ${service}` : `${proxy} without ${service}`),
};
