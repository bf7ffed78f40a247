import { basename, dirname, join } from 'node:path';
import { BelayError } from '../../errors';
import { allKeptRevisions, type KeptFiles, keptFiles, keptRevisions } from '../../hosts/kept-artifacts';
import { sizeOf } from './artifacts/copy';
import { type Found, forget, foundIn, noteFound } from './found-notes';
import { freePath, keepAs, leadsInto, moveTo, pointLink, removeLink, type Standing, standing } from './links';
import { isWithin, linkOf, placeOf, releasesOf } from './places';
import { instanceOfUnit, type PlacedFiles } from './template';
import type { SystemdHost } from './units';

type Home = Pick<SystemdHost, 'home'>;
type Place = Pick<PlacedFiles, 'platform' | 'service' | 'install'>;
/** A path, and where its former content is: below `.belay` beside it, or where a link of the user's leads to. */
type Original = Required<Found>;

interface Taking {
  files: PlacedFiles;
  unit: string;
}

/**
 * Keeps what stands at the link's path before Belay takes it, as revision 0; a later start never changes that. What
 * somebody has put there since is kept beside the path.
 */
export async function keepFound(host: Home, taking: Taking): Promise<void> {
  const { files, unit } = taking;
  const link = linkOf(files.install, instanceOfUnit(unit));
  const now = await standing(link);
  if (!now || leadsInto(now, [releasesOf(files)])) return await share(host, taking, link);
  if (!(await isStray(host, files, unit))) return await keepOriginal(host, taking, { link, now });
  await keepAs(link, await freePath(`${link}.before-r${files.revision}`, link));
}

/** Instances of a template may share a path: the first one that goes back to revision 0 gives it back. */
async function share(host: Home, { files, unit }: Taking, link: string): Promise<void> {
  const key = { ...files, revision: 0 };
  const all = (await foundIn(host, key)).filter((one) => one.link === link);
  if (all.length > 0 && !all.some((one) => one.unit === unit))
    await noteFound(host, key, { found: { ...all[0], unit } });
}

/** A link is kept as it is. A file gets a second name, a folder is moved: the path leads there until it is taken. */
async function keepOriginal(
  host: Home,
  { files, unit }: Taking,
  { link, now }: { link: string; now: Standing },
): Promise<void> {
  const key = { ...files, revision: 0 };
  const folder = placeOf(key);
  const known = (await foundIn(host, key)).find((one) => one.link === link)?.original;
  const aside = join(folder, basename(link), instanceOfUnit(unit) || 'original');
  const original = now.target ?? known ?? (await freePath(aside, link));
  const bytes = now.kind === 'link' ? 0 : await sizeOf(link);
  await noteFound(host, key, { found: { unit, link, original }, folder, bytes, madeAt: now.madeAt });
  if (now.kind === 'link') return;
  await keepAs(link, original);
  await pointLink(link, original);
}

/** True if something stands at the path of a unit that neither a release nor the time before the first one left there. */
export async function isStray(host: Home, place: Place, unit: string): Promise<boolean> {
  const link = linkOf(place.install, instanceOfUnit(unit));
  const releases = [releasesOf(place)];
  const all = await foundIn(host, { ...place, revision: 0 });
  const found = all.find((one) => one.link === link) ?? all.find((one) => one.unit === unit && !one.link);
  if (found) return isOriginal(found) && (await isTaken(found, releases));
  const now = await standing(link);
  return now !== undefined && !leadsInto(now, releases) && (await laterLinks(host, place)).includes(link);
}

const isOriginal = (found: Found): found is Original => found.link !== undefined && found.original !== undefined;

/** True if something stands at the path that is neither its former content nor a link to a revision. */
async function isTaken({ link, original }: Original, releases: string[]): Promise<boolean> {
  const now = await standing(link);
  if (!now || leadsInto(now, releases)) return false;
  if (!isBeside(original, releases)) return now.target !== original;
  const kept = await standing(original);
  // It has been given back, or not been moved yet, where it is not kept or has both names.
  return kept !== undefined && kept.inode !== now.inode;
}

const isBeside = (original: string, releases: string[]): boolean => releases.some((one) => isWithin(original, one));

/** Paths of links that Belay's revisions have had. */
async function laterLinks(host: Home, place: Place): Promise<string[]> {
  const keys = (await keptRevisions(host, place)).filter(({ revision }) => revision > 0);
  return (await Promise.all(keys.map((key) => keptFiles(host, key)))).flatMap((one) => one?.links ?? []);
}

/** Gives the paths of a unit back for revision 0: they are the user's again, until the next release takes them. */
export async function giveBackTo(host: Home, unit: string): Promise<void> {
  for (const key of (await allKeptRevisions(host)).filter(({ revision }) => revision === 0)) {
    const kept = await keptFiles(host, key);
    const releases = releasesIn(kept);
    const own = (kept?.found ?? []).filter((one) => one.unit === unit).filter(isOriginal);
    for (const one of own) {
      if (await isTaken(one, releases)) await keepAs(one.link, await freePath(`${one.link}.before-r0`, one.link));
      await putBack(one, releases);
      const now = await standing(one.link);
      if (now && leadsInto(now, releases)) throw lost(one);
    }
    if (own.length > 0) await forget(host, key, unit);
  }
}

/**
 * Gives every path of a revision back: to what stood there before the first release, else to nothing. What somebody has
 * put there since stays, and the former content goes beside it.
 */
export async function giveBackAll(kept: KeptFiles): Promise<void> {
  const releases = releasesIn(kept);
  for (const one of (kept.found ?? []).filter(isOriginal)) {
    if (!(await isTaken(one, releases))) await putBack(one, releases);
    else if (isBeside(one.original, releases))
      await moveTo(one.original, await freePath(`${one.link}.before-belay`, one.original));
  }
  for (const link of kept.links) await removeLink(link, releases);
}

const releasesIn = (kept: KeptFiles | undefined): string[] => (kept?.placed ?? []).map((folder) => dirname(folder));

const putBack = ({ link, original }: Original, releases: string[]): Promise<void> =>
  isBeside(original, releases) ? moveTo(original, link) : pointLink(link, original);

const lost = ({ link, original }: Original): BelayError =>
  new BelayError('launch-failed', `${original}, which stood at ${link} before the first release, is gone`, {
    hint: `put that version at ${link} by hand, or release the version that should run`,
  });
