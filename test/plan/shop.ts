import type { DesiredConfig, DesiredValidation, PlannedService } from '../../src/model/desired';
import type { ObservedService } from '../../src/model/observed';
import type { Plan } from '../../src/model/plan';
import { planRelease } from '../../src/plan/plan-release';
import { desiredService, instance, slot } from './arbitraries';

interface Shop {
  services: PlannedService[];
  others?: PlannedService[];
  /** Services by name, as their host has them. */
  seen: Record<string, ObservedService>;
  freePorts?: number[];
  config?: DesiredConfig;
  restores?: DesiredConfig[];
  /** Tests of the whole platform. */
  tests?: DesiredValidation[];
  /** A release of it stands recorded. */
  released?: boolean;
}

/** One instance behind a backend of the service's name. */
export const service = (name: string, more: Partial<PlannedService> = {}): PlannedService =>
  desiredService({
    service: name,
    instances: 1,
    routes: [{ proxy: 'edge', backend: name, port: 8080 }],
    ...more,
  });

/** One old instance in traffic, and a free server. */
export const seen = (name: string, more: Partial<ObservedService> = {}): ObservedService => ({
  fence: { epoch: 0 },
  head: 1,
  revisions: [{ task: { kind: 'run' }, number: 1, state: 'recorded', desired: service(name, { fingerprint: 'old' }) }],
  instances: [instance({ name: `shop-${name}-r1-1`, slots: [{ ...slot(1), backend: name }] })],
  nextRevision: 2,
  freeSlots: [{ ...slot(2), backend: name }],
  ...more,
});

/** A hundred of them, as free as a host can have them. */
export const plenty = Array.from({ length: 100 }, (_, index) => 21_000 + index);

/** The plan of a release of a platform with nothing of its own but services. */
export const shopPlan = ({
  services,
  others,
  seen,
  freePorts = plenty,
  config,
  restores,
  tests,
  released,
}: Shop): Plan =>
  planRelease({
    desired: {
      platform: 'shop',
      services,
      others,
      config,
      restores,
      tests,
      proxies: {},
      ports: { first: 20_000, last: 20_999 },
      source: { folder: '/shop', versions: {}, files: {} },
    },
    observed: { host: 'h', engine: 'e', freePorts, proxies: {}, services: seen, released },
  });
