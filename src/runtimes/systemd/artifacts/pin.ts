import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { BelayError } from '../../../errors';
import { digestOfFile } from '../../../hosts/digest';
import type { Artifact, PinnedFile } from '../../../model/artifact';
import type { PinRequest } from '../../runtime';
import { digestOfFolder } from './digests';
import { mismatch, missing } from './get';
import { type FileSource, parseReference } from './reference';

/**
 * The source pinned to its content as it is now. If it is gone, the last release's file of the same name is used, as far
 * as the host has it.
 */
export async function pinFile(
  { ref, former }: PinRequest,
  isHere: (one: PinnedFile) => Promise<boolean>,
): Promise<{ artifact: Artifact; warning?: string }> {
  const source = parseReference(ref);
  const { place, form } = source;
  if (place.includes('{version}'))
    throw new BelayError('image-unknown', `${place} names no version`, { hint: 'give one: --version SERVICE=1.4.0' });
  try {
    const sha256 = await digestNow(source);
    return { artifact: { kind: 'file', source: place, sha256, ...(form !== 'file' && { form }) } };
  } catch (error) {
    const isFormer = former?.kind === 'file' && former.source === place && isMissing(error);
    if (!isFormer || !(await isHere(former))) throw error;
    return { artifact: former, warning: `${place} is not on this host: Belay uses the file of the last release` };
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof BelayError && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';

async function digestNow(source: FileSource): Promise<string> {
  const { form, place, sha256 } = source;
  if (form === 'http') return sha256!;
  if (form === 'none') return createHash('sha256').update(place).digest('hex');
  try {
    if (form === 'folder') return await digestOfFolder(place);
    const found = await digestOfFile(place);
    if (sha256 !== undefined && found !== sha256) throw mismatch(place, { wanted: sha256, found });
    return found;
  } catch (error) {
    throw missing(error, source);
  }
}

/** True if its source still has the same content; an address is only asked whether it answers. */
export async function sourceOffers({ source, sha256, form = 'file' }: PinnedFile): Promise<boolean> {
  if (form === 'http') return (await fetch(source, { method: 'HEAD' })).ok;
  if (form === 'none') return true;
  if ((await stat(source).catch(() => undefined)) === undefined) return false;
  return (await digestNow({ form, place: source })) === sha256;
}
