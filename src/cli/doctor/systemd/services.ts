import type { Spec } from '../../../spec/spec';
import type { UnitService } from './facts';

/** The keys of a service that systemd runs. */
interface Words {
  runtime?: string;
  unit?: string;
  template?: string;
  ports?: number[];
  instances?: number;
  unit_file?: string;
  artifact?: { install?: string };
  health: { ready?: unknown };
  drain: { deadline: number };
  stop: { grace?: number };
}

/** Returns the spec with the services of Docker alone. Pure. */
export const dockerPart = (spec: Spec): Spec => ({
  ...spec,
  services: Object.fromEntries(Object.entries(spec.services).filter(([, one]) => !isSystemd(one))),
});

const isSystemd = ({ runtime }: { runtime?: string }): boolean => runtime === 'systemd';

/** Returns the services of a spec that systemd runs. Pure. */
export function unitServices(services: Record<string, object>): UnitService[] {
  return Object.entries(services as Record<string, Words>)
    .filter(([, words]) => isSystemd(words))
    .map(([name, words]) => ({
      name,
      units: unitsOf(words),
      instances: words.instances ?? 1,
      installed: words.unit_file !== undefined,
      install: words.artifact?.install,
      drainDeadline: words.drain.deadline,
      stopGrace: words.stop.grace,
      hasReady: words.health.ready !== undefined,
    }));
}

const unitsOf = ({ unit, template, ports = [] }: Words): string[] =>
  unit !== undefined ? [unit] : ports.map((port) => (template ?? '').replace('@.', `@${port}.`));
