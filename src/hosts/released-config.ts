import {
  absencePath,
  formerPath,
  keepAbsence,
  keepExample,
  keepFormer,
  readConfig,
  replaceConfig,
  takeFormer,
} from './config-file';
import { removeFile } from './file';

/** A configuration file that a release writes. */
export interface ReleasedFile {
  path: string;
  /** The example beside it, which the next migration compares with. */
  base: string;
  /** Names the former files. */
  at: Date;
}

/**
 * Ensures that the file and the kept example have these texts, and keeps the former ones beside them. A second call
 * finishes what a killed one has begun. Throws as `replaceConfig`.
 */
export async function writeReleased(
  { path, base, at }: ReleasedFile,
  { before, text, example }: { before: string | undefined; text: string; example: string },
): Promise<void> {
  if (before !== text) {
    await keepFormer(base, at);
    if (before === undefined) await keepAbsence(path, at);
    await replaceConfig({ path, before, text, now: at });
  }
  if ((await readConfig(base)) !== example) await keepExample({ path: base, text: example, file: path });
}

/** `edited`: somebody has changed the file since. `lost`: the former one is not there. Both leave it as it is. */
export type Restored = 'restored' | 'edited' | 'lost';

/**
 * Ensures that file and example are as before `writeReleased`, and that nothing is kept beside them. A second call
 * finishes what a killed one has begun. A file that `writeReleased` found as it was to be stays.
 */
export async function restoreReleased(file: ReleasedFile, isWritten: (text: string) => boolean): Promise<Restored> {
  const { path, base, at } = file;
  const [kept, keptBase, none] = [await formerPath(path, at), await formerPath(base, at), await absencePath(path, at)];
  const [present, former] = [await readConfig(path), await readConfig(kept)];
  const created = (await readConfig(none)) !== undefined;
  const isOurs = present !== undefined && isWritten(present);
  const isBegun = former !== undefined ? isOurs || present === former : created && isOurs;
  if (isBegun)
    await putBack(file, { hasFormer: former !== undefined, hasBase: (await readConfig(keptBase)) !== undefined });
  else if (former !== undefined || (created && present !== undefined)) return 'edited';
  else if (isOurs) return 'lost';
  // The former file goes first: without it, a second call leaves the example alone.
  await removeFile(kept);
  await removeFile(none);
  await removeFile(keptBase);
  return 'restored';
}

async function putBack(
  { path, base, at }: ReleasedFile,
  { hasFormer, hasBase }: { hasFormer: boolean; hasBase: boolean },
): Promise<void> {
  if (hasBase) await takeFormer(base, at);
  else await removeFile(base);
  if (hasFormer) await takeFormer(path, at);
  else await removeFile(path);
}
