import type { DesiredConfig, DesiredValidation, PlannedService } from '../../src/model/desired';
import type { ObservedService } from '../../src/model/observed';
import type { Plan } from '../../src/model/plan';
import { planRelease } from '../../src/plan/plan-release';

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
