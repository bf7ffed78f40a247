import { realpath, stat } from 'node:fs/promises';
import { BelayError } from '../../../errors';
import { isThere } from '../artifacts/get';
import { pointTo } from '../files';
import { leadsInto, standing } from '../links';
import { linkOf, releasesOf, targetOf } from '../places';
import { instanceOfUnit, type PlacedFiles } from '../template';
import type { SystemdHost } from '../units';

interface Viewed {
  name: string;
  files: PlacedFiles;
  /** The unit of the service, which may be an instance of a template. */
  unit: string;
}

/**
 * Returns the path at which a job has to see the revision's files, while others see there what runs; undefined where all
 * see them there. systemd follows the link at the path, and covers what it leads to.
 */
export async function viewOf(host: SystemdHost, viewed: Viewed): Promise<{ at: string; target: string } | undefined> {
  const { files, unit } = viewed;
  const at = linkOf(files.install, instanceOfUnit(unit));
  const target = targetOf(files);
  if (await isFree(at, files)) await pointTo(host, { unit, template: { files } });
  const former = await realpath(at).catch(() => undefined);
  if (former === undefined) throw leadsNowhere(viewed, at);
  if (former === (await realpath(target))) return undefined;
  if ((await stat(former)).isDirectory() === files.single) throw otherKind(viewed, at);
  return { at, target };
}

/** Nothing runs from there, and systemd would make a file there for the mount. */
async function isFree(at: string, files: PlacedFiles): Promise<boolean> {
  const now = await standing(at);
  return !now || (leadsInto(now, [releasesOf(files)]) && !(await isThere(at)));
}

const leadsNowhere = ({ name }: Viewed, at: string): BelayError =>
  new BelayError('launch-failed', `${name}: ${at} is a link that leads nowhere`, {
    hint: 'remove the link, then release again',
  });

/** A file cannot cover a folder. */
const otherKind = ({ name, files: { single } }: Viewed, at: string): BelayError =>
  new BelayError(
    'launch-failed',
    `${name}: ${at} is still a ${single ? 'folder' : 'file'}, and the new artifact is a ${single ? 'file' : 'folder'}: a job before the change cannot see it there`,
    { hint: 'write when: after for the job, or release the new artifact without the job first' },
  );
