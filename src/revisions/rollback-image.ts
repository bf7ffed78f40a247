import { BelayError } from '../errors';
import type { Deps } from '../host';
import type { Ledger } from '../hosts/ledger';
import type { Revision } from '../hosts/revision';
import type { PlannedService } from '../model/desired';
import type { PinnedImage } from '../model/observed';
import type { RollbackTarget } from '../model/plan';
import { isRemoval, takenAgain } from '../model/task';
import { reachable } from './rollback-choice';
import { pastOf } from './rollback-past';
import { revisionTag } from './tags';

type Images = Pick<Deps, 'runtime'>;

/**
 * The service, with a pull if the host no longer has the revision's image; only then a registry is asked. Throws
 * `image-unknown` before any change if the image is nowhere, and `registry-unreachable`.
 */
export async function withImage(
  { runtime, ledger }: Images & { ledger: Ledger },
  platform: string,
  service: PlannedService,
): Promise<PlannedService> {
  // A removed service is only stopped, so it needs no image.
  const again = takenAgain(service);
  if (!again) return service;
  const key = { platform, service: service.service };
  const revision = (await ledger.of(key).revision(again.revision))!;
  if ((await imageAt({ runtime }, key, revision)) === 'here') return service;
  await runtime.offered(service.image).catch((error: unknown) => {
    throw notToBeHad(error, key, revision);
  });
  return { ...service, task: { ...again, pull: true } };
}

/** The revisions that a rollback of the platform could lead to, at most `most` of each service. */
export async function targetsOf(
  { runtime, ledger }: Images & { ledger: Ledger },
  { platform, services, most }: { platform: string; services?: string[]; most: number },
): Promise<RollbackTarget[]> {
  const all = await pastOf(ledger, platform, services);
  const found = all.flatMap((past) =>
    reachable(past)
      .slice(0, most)
      .map(async ({ number, desired, task, createdAt, by, release }, index): Promise<RollbackTarget> => {
        const { service } = past;
        const at = await imageAt({ runtime }, { platform, service }, reachable(past)[index]!);
        const removed = isRemoval({ task }) && { removed: true };
        return { service, revision: number, image: desired.image.ref, imageAt: at, createdAt, by, release, ...removed };
      }),
  );
  return await Promise.all(found);
}

async function imageAt(
  { runtime }: Images,
  { platform, service }: { platform: string; service: string },
  { number, desired: { image }, task, snapshots = {} }: Revision,
): Promise<RollbackTarget['imageAt']> {
  if (isRemoval({ task })) return 'here';
  const tag = revisionTag(platform, service, number);
  if ((await runtime.tags(tag)).includes(tag)) return 'here';
  if (await isHere({ runtime }, image)) return 'here';
  const started = Object.values(snapshots).flatMap((template) => runtime.read(template).image ?? []);
  const all = await Promise.all(started.map((id) => isHere({ runtime }, { ref: id, digest: id, local: true })));
  if (all.length > 0 && all.every(Boolean)) return 'here';
  return image.local ? 'gone' : 'registry';
}

const isHere = async ({ runtime }: Images, image: PinnedImage): Promise<boolean> =>
  image.digest !== '' && (await runtime.has(image));

function notToBeHad(
  error: unknown,
  { platform, service }: { platform: string; service: string },
  { number }: Revision,
) {
  if (!(error instanceof BelayError)) return error;
  const message = `${platform}: revision ${number} of ${service} is kept without its image: ${error.message}`;
  const hint = error.code === 'image-unknown' ? `push it again, or choose another revision: --list` : error.hint;
  return new BelayError(error.code, message, { hint, cause: error });
}
