import { mkdir } from 'node:fs/promises';
import { changeKeptFiles } from '../../hosts/kept-artifacts';
import { writing } from '../../hosts/on-disk';
import { pointLink } from './links';
import { giveBackTo, keepFound } from './originals';
import { linkOf, targetOf } from './places';
import { instanceOfUnit, type PlacedFiles, type SystemdTemplate } from './template';
import type { SystemdHost } from './units';

type Home = Pick<SystemdHost, 'home'>;

/** Leads the path to the revision's files, once what stands there is kept; a unit that Belay found gets back its own. */
export async function pointTo(
  host: Home,
  { unit, template: { files, found } }: { unit: string; template: Pick<SystemdTemplate, 'files' | 'found'> },
): Promise<void> {
  if (files) {
    const link = linkOf(files.install, instanceOfUnit(unit));
    await keepFound(host, { files, unit });
    await noteLink(host, files, link);
    await pointLink(link, targetOf(files));
  }
  if (found) await giveBackTo(host, unit);
}

/** Written before the link is there, so that a drop of the revision finds it in any case. */
const noteLink = (host: Home, key: PlacedFiles, link: string): Promise<void> =>
  changeKeptFiles(host, key, (kept) =>
    kept && !kept.links.includes(link) ? { ...kept, links: [...kept.links, link] } : undefined,
  );

/** A service's user has to pass through it, so it is as open as any folder of programs. */
export async function makeOpen(folder: string): Promise<void> {
  await writing(folder, () => mkdir(folder, { recursive: true, mode: 0o755 }).then(() => undefined));
}
