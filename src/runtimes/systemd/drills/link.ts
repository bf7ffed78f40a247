import type { DrillUnit } from '../../../hosts/drill-units';
import { unitRecords } from '../../../hosts/unit-records';
import { removeLink, standing } from '../links';
import { linkOf, releasesOf } from '../places';
import { instanceOfUnit, type PlacedFiles } from '../template';
import type { SystemdHost } from '../units';

type Home = Pick<SystemdHost, 'home'>;

/** Returns the link that the drill's instance of a template needs of its own, if nothing stands there. */
export async function ownLink(files: PlacedFiles | undefined, unit: string): Promise<DrillUnit['link']> {
  if (!files?.install.includes('%i')) return undefined;
  const path = linkOf(files.install, instanceOfUnit(unit));
  return (await standing(path)) ? undefined : { path, folder: releasesOf(files), unit };
}

/** Ensures that the link is gone, unless an instance of the service has that unit by now. */
export async function removeOwnLink({ home }: Home, { link }: Pick<DrillUnit, 'link'>): Promise<void> {
  if (!link || (await unitRecords({ home })).some(({ unit }) => unit === link.unit)) return;
  await removeLink(link.path, [link.folder]);
}
