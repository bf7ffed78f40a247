import type { DesiredService } from '../spec/desired';
import type { ObservedService } from '../spec/observed';
import type { ServicePlan } from '../spec/plan';

const routeText = ({ proxy, backend, port }: DesiredService['routes'][number]): string => `${proxy}/${backend}:${port}`;

function routesOf(from: DesiredService | undefined, to: DesiredService): ServicePlan['routes'] {
  const routes = { from: (from?.routes ?? []).map(routeText), to: to.routes.map(routeText) };
  return from && routes.from.join() !== routes.to.join() ? routes : undefined;
}

/** What changes for a service against the revision that the ledger's head names; names of variables, never values. */
export function changesOf(
  desired: DesiredService,
  seen: ObservedService,
  revision: number,
): Omit<ServicePlan, 'unchanged'> {
  const head = seen.revisions.find((one) => one.number === seen.head);
  const before = head?.desired.environment ?? {};
  const after = desired.environment;
  return {
    service: desired.service,
    from: head && { revision: head.number, image: head.desired.image, instances: head.desired.instances },
    to: { revision, image: desired.image, instances: desired.instances },
    routes: routesOf(head?.desired, desired),
    usual: head?.timings,
    environment: {
      added: Object.keys(after)
        .filter((name) => !(name in before))
        .sort(),
      removed: Object.keys(before)
        .filter((name) => !(name in after))
        .sort(),
      changed: Object.keys(after)
        .filter((name) => name in before && before[name] !== after[name])
        .sort(),
    },
  };
}
