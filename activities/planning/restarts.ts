import type { Deps } from '../../src/host';
import { hmacKey } from '../../src/hosts/machine';
import type { PlannedService } from '../../src/model/desired';
import { inOrder } from '../../src/plan/order';
import { headOf } from '../../src/revisions/head-of';
import { joinedFingerprint } from '../../src/runtimes/docker/compose/fingerprint';

/** Changes the fingerprint of services whose dependency restarts with them. */
export async function withRestarts(
  deps: Pick<Deps, 'home' | 'ledger'>,
  platform: string,
  services: PlannedService[],
): Promise<PlannedService[]> {
  const key = await hmacKey(deps.home);
  const joined = new Map<string, string>(await headFingerprints(deps, { platform, services }));
  // Dependencies come before their dependents.
  for (const one of inOrder(services)) {
    const others = (one.after ?? []).flatMap(({ service, restart }) => (restart ? (joined.get(service) ?? []) : []));
    joined.set(one.service, others.length > 0 ? joinedFingerprint(one.fingerprint, others, key) : one.fingerprint);
  }
  return services.map((one) => {
    const fingerprint = joined.get(one.service)!;
    return fingerprint === one.fingerprint ? one : { ...one, fingerprint, own: one.fingerprint };
  });
}

/** Returns the last released fingerprints of services that are not requested, and with which others restart. */
async function headFingerprints(
  { ledger }: Pick<Deps, 'ledger'>,
  { platform, services }: { platform: string; services: PlannedService[] },
): Promise<Array<[string, string]>> {
  const asked = services.map(({ service }) => service);
  const names = services.flatMap(({ after = [] }) =>
    after.flatMap(({ service, restart }) => (restart ? [service] : [])),
  );
  const others = [...new Set(names)].filter((name) => !asked.includes(name));
  const heads = await Promise.all(others.map((service) => headOf({ ledger }, { platform, service })));
  return heads.flatMap(
    (head): Array<[string, string]> => (head ? [[head.desired.service, head.desired.fingerprint]] : []),
  );
}
