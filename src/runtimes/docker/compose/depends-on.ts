import type { ServiceDependency } from '../../../model/desired';
import type { ComposeProject } from './project';

const conditions: Record<string, ServiceDependency['condition']> = {
  service_started: 'started',
  service_healthy: 'healthy',
  service_completed_successfully: 'completed',
};

/** Dependencies of a service by Compose's `depends_on`, in the order of the file. Pure. */
export function composeDependencies({ services }: ComposeProject, name: string): ServiceDependency[] {
  return Object.entries(services[name]?.depends_on ?? {}).map(([service, { condition, required, restart }]) => ({
    service,
    condition: conditions[condition ?? 'service_started'] ?? 'started',
    ...(required === false && { optional: true }),
    ...(restart && { restart: true }),
  }));
}
