import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { BelayError } from '../../errors';
import { errnoOf, syncPath } from '../../hosts/file';
import { allKeptRevisions, changeKeptFiles, type KeptFiles, type KeptKey, keptFiles } from '../../hosts/kept-artifacts';
import { writing } from '../../hosts/on-disk';
import { sizeOf } from './artifacts/copy';
import { isWithin, linkOf, placeOf, releasesOf, targetOf } from './places';
import { instanceOfUnit, type PlacedFiles, type SystemdTemplate } from './template';
import type { SystemdHost } from './units';

interface Found {
  files: PlacedFiles;
  unit: string;
}

type Home = Pick<SystemdHost, 'home'>;

/**
 * Keeps what stands at the link's path before the first release as revision 0. A link is kept as it is, anything else is
 * moved beside it: the path leads there until the release has its own.
 */
export async function keepFound({ home }: Home, { files, unit }: Found): Promise<void> {
  const link = linkOf(files.install, instanceOfUnit(unit));
  const before = await standing(link);
  if (!before || (before.target !== undefined && isWithin(before.target, releasesOf(files)))) return;
  const key = { platform: files.platform, service: files.service, revision: 0 };
  const folder = placeOf({ ...files, revision: 0 });
  const original = before.target ?? join(folder, basename(link), instanceOfUnit(unit) || 'original');
  await makeOpen(dirname(original));
  await noteFound({ home }, key, { found: { unit, link, original }, folder, ...before });
  if (before.target === undefined) await moveBeside(link, original);
}

interface Noted {
  found: NonNullable<KeptFiles['found']>[number];
  folder?: string;
  bytes?: number;
  madeAt?: number;
}

/** Notes a unit that ran before the first release, and what stood at its path. */
async function noteFound({ home }: Home, key: KeptKey, { found, folder, bytes = 0, madeAt }: Noted): Promise<void> {
  await changeKeptFiles({ home }, key, (kept) => ({
    bytes: (kept?.bytes ?? 0) + bytes,
    madeAt: madeAt ?? kept?.madeAt ?? Date.now(),
    placed: [...new Set([...(kept?.placed ?? []), ...(folder ? [folder] : [])])],
    links: [...new Set([...(kept?.links ?? []), ...(found.link ? [found.link] : [])])],
    found: [...(kept?.found ?? []).filter(({ unit }) => unit !== found.unit), found],
  }));
}

/** Notes a unit that ran before the first release; a second time keeps what is known of its path. */
export async function noteUnit(host: Home, unit: string, key: KeptKey): Promise<void> {
  const known = (await keptFiles(host, key))?.found?.some((one) => one.unit === unit);
  if (!known) await noteFound(host, key, { found: { unit } });
}

/** A running program keeps its file. A folder cannot be replaced by a link in one step, so it is away for a moment. */
async function moveBeside(link: string, original: string): Promise<void> {
  await writing(link, async () => {
    await rm(original, { recursive: true, force: true });
    await rename(link, original);
  });
  await pointLink(link, original);
}

/** Leads the path to the revision's files; a unit that Belay found gets back what it had. */
export async function pointTo(
  host: Home,
  { unit, template }: { unit: string; template: SystemdTemplate },
): Promise<void> {
  const { files, found } = template;
  if (files) {
    const link = linkOf(files.install, instanceOfUnit(unit));
    await pointLink(link, targetOf(files));
    await noteLink(host, files, link);
  }
  if (!found) return;
  const former = await foundFiles(host, unit);
  if (former?.link && former.original) await pointLink(former.link, former.original);
}

/** Where the original files of a unit are, if Belay has kept any. */
async function foundFiles({ home }: Home, unit: string) {
  const keys = (await allKeptRevisions({ home })).filter(({ revision }) => revision === 0);
  const all = await Promise.all(keys.map((key) => keptFiles({ home }, key)));
  return all.flatMap((one) => one?.found ?? []).find((one) => one.unit === unit);
}

const noteLink = ({ home }: Home, key: PlacedFiles, link: string): Promise<void> =>
  changeKeptFiles({ home }, key, (kept) =>
    kept && !kept.links.includes(link) ? { ...kept, links: [...kept.links, link] } : undefined,
  );

/** Replaces the link in one rename, so that its path always leads to one of the two. */
export async function pointLink(link: string, target: string): Promise<void> {
  const wanted = isWithin(target, dirname(link)) ? relative(dirname(link), target) : target;
  if ((await readlink(link).catch(() => undefined)) === wanted) return;
  const temporary = `${link}.${randomBytes(6).toString('hex')}.belay`;
  await writing(link, async () => {
    await mkdir(dirname(link), { recursive: true });
    await symlink(wanted, temporary);
    try {
      await rename(temporary, link);
    } catch (error) {
      await rm(temporary, { force: true });
      if (!['EISDIR', 'ENOTEMPTY', 'EEXIST'].includes(errnoOf(error) ?? '')) throw error;
      throw new BelayError('launch-failed', `${link} is a folder, and a release would replace it by a link`, {
        hint: 'move it away, or name another path in artifact.install',
      });
    }
    await syncPath(dirname(link));
  });
}

interface Standing {
  /** Absolute, if it is a link. */
  target?: string;
  bytes: number;
  /** Milliseconds since 1970. */
  madeAt: number;
}

async function standing(path: string): Promise<Standing | undefined> {
  const found = await lstat(path).catch(() => undefined);
  if (!found) return undefined;
  const madeAt = Math.floor(found.mtimeMs);
  if (!found.isSymbolicLink()) return { bytes: await sizeOf(path), madeAt };
  return { target: resolve(dirname(path), await readlink(path)), bytes: 0, madeAt };
}

/** A service's user has to pass through it, so it is as open as any folder of programs. */
export async function makeOpen(folder: string): Promise<void> {
  await writing(folder, () => mkdir(folder, { recursive: true, mode: 0o755 }).then(() => undefined));
}
