import { BelayError } from '../errors';
import type { Deps } from '../host';
import type { Ledger } from '../hosts/ledger';
import type { Revision } from '../hosts/revision';
import type { DesiredService } from '../model/desired';
import type { Runtime } from '../runtimes/runtime';
import { type RuntimeKindName, runtimeKinds, usualRuntime } from '../spec/runtimes';

/** The runtimes of these records, each once. */
export function runtimesIn(
  { runtimeOf }: Pick<Deps, 'runtimeOf'>,
  records: Array<Pick<DesiredService, 'runtime'>>,
): Runtime[] {
  const kinds = records.map(({ runtime = usualRuntime }) => runtime);
  return [...new Set(kinds)].map((kind) => runtimeOf(kind));
}

/**
 * The runtimes that a service was in. Without a revision these are all of the host, since a release that ended early may
 * have kept an artifact.
 */
export const runtimesOnceIn = async (
  deps: Pick<Deps, 'runtimeOf' | 'ledger'>,
  revisions: Array<Pick<Revision, 'desired'>>,
): Promise<Runtime[]> => {
  const records = revisions.map(({ desired }) => desired);
  return records.length > 0 ? runtimesIn(deps, records) : await runtimesHere(deps);
};

/**
 * The runtimes of this host. A kind that does not answer counts only if the ledger names it: a host need not have every
 * kind.
 */
export async function runtimesHere({ runtimeOf, ledger }: Pick<Deps, 'runtimeOf' | 'ledger'>): Promise<Runtime[]> {
  const found = runtimeKinds.map(async (kind) => {
    const runtime = runtimeOf(kind);
    return (await answers(runtime)) || (await isNamed(ledger, kind)) ? [runtime] : [];
  });
  return (await Promise.all(found)).flat();
}

const answers = (runtime: Runtime): Promise<boolean> =>
  runtime.identity().then(
    () => true,
    (error: unknown) => {
      if (error instanceof BelayError && error.code === 'engine-unreachable') return false;
      throw error;
    },
  );

async function isNamed(ledger: Ledger, kind: RuntimeKindName): Promise<boolean> {
  for (const platform of await ledger.platforms()) {
    for (const service of await ledger.services(platform)) {
      const revisions = await ledger.of({ platform, service }).revisions();
      if (revisions.some(({ desired }) => (desired.runtime ?? usualRuntime) === kind)) return true;
    }
  }
  return false;
}
