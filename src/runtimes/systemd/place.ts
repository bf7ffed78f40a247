import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { BelayError, diskFull } from '../../errors';
import { roomIn } from '../../hosts/disk';
import { changeKeptFiles } from '../../hosts/kept-artifacts';
import { makeWhole } from '../../hosts/make-whole';
import { sizeText } from '../../model/quantities';
import { accountIds } from './accounts';
import { copy, giveRights, sizeOf } from './artifacts/copy';
import { contentOf, isThere } from './artifacts/get';
import { makeOpen } from './files';
import { placeOf, releasesOf, targetOf } from './places';
import type { PlacedFiles } from './template';
import type { SystemdHost } from './units';

type Home = Pick<SystemdHost, 'home'>;

/** Ensures that the revision's files are in their folder, with owner and modes. What runs is not touched. */
export async function placeFiles({ home }: Home, files: PlacedFiles): Promise<void> {
  const folder = placeOf(files);
  await noteFolder({ home }, files, folder);
  if (await isThere(folder)) return;
  const content = contentOf(home, files);
  if (!(await isThere(content))) throw gone(files);
  await refuseFull(content, folder);
  await makeOpen(releasesOf(files));
  const rights = { ...(await accountIds(files)), mode: Number.parseInt(files.mode ?? '755', 8) };
  await makeWhole(folder, async (made) => {
    if (files.single) await mkdir(made);
    await copy(content, files.single ? join(made, basename(targetOf(files))) : made);
    await giveRights(made, rights);
  });
}

/** Written before the folder is there, so that a drop finds it in any case. */
const noteFolder = ({ home }: Home, files: PlacedFiles, folder: string): Promise<void> =>
  changeKeptFiles({ home }, files, (kept) => {
    if (!kept) throw gone(files);
    return kept.placed.includes(folder) ? undefined : { ...kept, placed: [...kept.placed, folder] };
  });

async function refuseFull(content: string, folder: string): Promise<void> {
  const [needed, rooms] = await Promise.all([sizeOf(content), roomIn([folder])]);
  const tight = rooms.find(({ free }) => free < needed);
  if (tight)
    throw diskFull(
      `${tight.folder}: ${sizeText(tight.free)} of disk are free, and the new files take ${sizeText(needed)}`,
      undefined,
    );
}

const gone = ({ service, revision }: PlacedFiles): BelayError =>
  new BelayError('launch-failed', `the files of revision ${revision} of ${service} are not on this host any more`, {
    hint: 'release the version that should run',
  });
