import { BelayError } from '../errors';
import type { Deps } from '../host';
import type { Ledger } from '../hosts/ledger';
import type { Revision } from '../hosts/revision';
import { artifactRef, artifactWord, wayToOffer } from '../model/artifact';
import type { PlannedService } from '../model/desired';
import type { RollbackTarget } from '../model/plan';
import { isRemoval, takenAgain } from '../model/task';
import { reachable } from './rollback-choice';
import { pastOf, takesPart } from './rollback-past';

type Runtimes = Pick<Deps, 'runtimeOf'>;

/**
 * The service, with a pull if the host no longer has the revision's artifact; only then its source is asked. Throws
 * `image-unknown` before any change if it is nowhere, and `registry-unreachable`.
 */
export async function withArtifact(
  { runtimeOf, ledger }: Runtimes & { ledger: Ledger },
  platform: string,
  service: PlannedService,
): Promise<PlannedService> {
  // A removed service is only stopped, so it needs no artifact.
  const again = takenAgain(service);
  if (!again) return service;
  const key = { platform, service: service.service };
  const revision = (await ledger.of(key).revision(again.revision))!;
  if ((await artifactAt({ runtimeOf }, key, revision)) === 'here') return service;
  await runtimeOf(service.runtime)
    .artifacts.offered(service.artifact)
    .catch((error: unknown) => {
      throw notToBeHad(error, key, revision);
    });
  return { ...service, task: { ...again, pull: true } };
}

/** The revisions that a rollback of the platform could lead to, at most `most` of each service. */
export async function targetsOf(
  { runtimeOf, ledger }: Runtimes & { ledger: Ledger },
  { platform, services, most }: { platform: string; services?: string[]; most: number },
): Promise<RollbackTarget[]> {
  const all = (await pastOf(ledger, platform, services)).filter((one) => takesPart(one, 'rollback'));
  const found = all.flatMap((past) =>
    reachable(past)
      .slice(0, most)
      .map(async ({ number, desired, task, createdAt, by, release }, index): Promise<RollbackTarget> => {
        const { service } = past;
        const at = await artifactAt({ runtimeOf }, { platform, service }, reachable(past)[index]!);
        const removed = isRemoval({ task }) && { removed: true };
        return {
          service,
          revision: number,
          artifact: artifactRef(desired.artifact),
          artifactAt: at,
          createdAt,
          by,
          release,
          ...removed,
        };
      }),
  );
  return await Promise.all(found);
}

async function artifactAt(
  { runtimeOf }: Runtimes,
  key: { platform: string; service: string },
  { number, desired: { artifact, runtime }, task, snapshots = {} }: Revision,
): Promise<RollbackTarget['artifactAt']> {
  if (isRemoval({ task })) return 'here';
  const { artifacts, adoption } = runtimeOf(runtime);
  const at = await artifacts.where(artifact, { ...key, revision: number });
  if (at === 'here' || (await adoption?.isHere(Object.values(snapshots)))) return 'here';
  return at;
}

function notToBeHad(
  error: unknown,
  { platform, service }: { platform: string; service: string },
  { number, desired: { artifact } }: Revision,
) {
  if (!(error instanceof BelayError)) return error;
  const message = `${platform}: revision ${number} of ${service} is kept without its ${artifactWord(artifact)}: ${error.message}`;
  const hint =
    error.code === 'image-unknown' ? `${wayToOffer(artifact)}, or choose another revision: --list` : error.hint;
  return new BelayError(error.code, message, { hint, cause: error });
}
