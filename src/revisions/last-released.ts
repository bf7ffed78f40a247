import type { Deps } from '../host';
import { lostArtifact } from '../model/artifact';
import type { DesiredService } from '../model/desired';
import { siteOf } from './site-of';

/**
 * The services as last released. They have no Compose project, since adopted containers are not Belay's to remove. The
 * routes are those of all revisions that still have instances.
 */
export async function lastReleased({ ledger }: Deps, platform: string, names: string[]) {
  const latest = await Promise.all(
    names.map(async (service) => {
      const revisions = await ledger.of({ platform, service }).revisions();
      return { service, last: revisions.filter((one) => one.site).at(-1) };
    }),
  );
  const services = latest.map(
    ({ service, last }): DesiredService => ({
      ...(last?.desired ?? unreleased(service)),
      project: undefined,
      routes: [],
    }),
  );
  return { services, site: siteOf(latest.flatMap(({ last }) => last ?? [])) };
}

/** A service without a revision in the ledger. */
export const unreleased = (service: string): DesiredService => ({
  service,
  artifact: lostArtifact,
  instances: 0,
  fingerprint: '',
  environment: {},
  ports: [],
  routes: [],
  strategy: { kind: 'rolling', surge: 1, unavailable: 0 },
  drain: { deadline: 0, at_deadline: 'proceed' },
  stop: { grace: 30_000 },
  keep: 0,
  on_failure: 'hold',
  validate: [],
  warnings: [],
});
