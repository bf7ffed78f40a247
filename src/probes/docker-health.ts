import type { RuntimeInstance } from '../runtimes/runtime';
import type { CheckKind } from './kind';
import { type ProbeResult, unhealthy } from './probe-result';

export const docker: CheckKind = { asSeen: checkDockerHealth };

/** Returns the state of Docker's HEALTHCHECK when the instance was observed. */
export function checkDockerHealth({ health }: RuntimeInstance): ProbeResult {
  if (health === 'healthy') return { healthy: true };
  if (health === 'none') return unhealthy('the container has no HEALTHCHECK');
  return unhealthy(health === 'starting' ? 'HEALTHCHECK is still starting' : 'HEALTHCHECK says unhealthy');
}
