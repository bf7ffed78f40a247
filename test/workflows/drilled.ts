import type { DrillScenario, Plan } from '../../src/model/plan';
import { planDrill } from '../../src/plan/plan-drill';

export const scenario: DrillScenario = { ports: [8080], stop: { grace: 1_000 }, settle: 1, wait: 1_000 };
const image = { ref: 'shop/api:1', digest: 'sha256:1', local: true };

/** Tests of the shutdowns of two services, of which one was never released. */
export const planShutdowns = (): Plan =>
  planDrill({
    platform: 'shop',
    host: 'h',
    engine: 'e',
    warnings: [],
    takeOver: false,
    source: { folder: '/shop', versions: {}, files: {} },
    services: [
      { service: 'api', image, revision: 1, scenario, epoch: 2, head: 1 },
      { service: 'web', image, scenario, epoch: 0 },
    ],
  });
