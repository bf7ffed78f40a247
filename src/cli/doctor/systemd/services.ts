import { dockerServices, isSystemd, type ServiceSpec, type Spec, type SystemdService } from '../../../spec/spec';
import type { UnitService } from './facts';

/** Returns the spec with the services of Docker alone. Pure. */
export const dockerPart = (spec: Spec): Spec => ({ ...spec, services: dockerServices(spec) });

/** Returns the services of a spec that systemd runs. Pure. */
export const unitServices = (services: Record<string, ServiceSpec>): UnitService[] =>
  Object.entries(services).flatMap(([name, service]) => (isSystemd(service) ? [unitService(name, service)] : []));

const unitService = (name: string, service: SystemdService): UnitService => ({
  name,
  units: unitsOf(service),
  instances: service.instances ?? 1,
  installed: service.unit_file !== undefined,
  install: service.artifact?.install,
  drainDeadline: service.drain.deadline,
  stopGrace: service.stop.grace,
  hasReady: service.health.ready !== undefined,
});

const unitsOf = ({ unit, template, ports = [] }: SystemdService): string[] =>
  unit !== undefined ? [unit] : ports.map((port) => (template ?? '').replace('@.', `@${port}.`));
