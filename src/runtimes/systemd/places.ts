import { basename, dirname, join, sep } from 'node:path';
import type { PlacedFiles } from './template';

type Where = Pick<PlacedFiles, 'platform' | 'service' | 'install'>;

/** The folder of a service's revisions: beside its link, so that one rename leads from one to the other. Pure. */
export const releasesOf = ({ platform, service, install }: Where): string =>
  join(parentOf(install), '.belay', `${platform}.${service}`);

/** The folder of one revision. Pure. */
export const placeOf = (files: Where & Pick<PlacedFiles, 'revision'>): string =>
  join(releasesOf(files), `r${files.revision}`);

/** What the link leads to: the folder, or the only file in it. Pure. */
export const targetOf = (files: Where & Pick<PlacedFiles, 'revision' | 'single'>): string =>
  files.single ? join(placeOf(files), fileName(files.install)) : placeOf(files);

/** The path of the link for an instance of a template. Pure. */
export const linkOf = (install: string, instance: string): string => install.replaceAll('%i', instance);

/** The nearest folder that is the same for every instance. */
function parentOf(install: string): string {
  const parts = install.split(sep);
  const own = parts.findIndex((part) => part.includes('%i'));
  return own === -1 ? dirname(install) : parts.slice(0, own).join(sep) || sep;
}

const fileName = (install: string): string => basename(install).replaceAll('%i', 'program');

/** True for the folder, or control group, itself and all below it. Nothing is within an empty one. Pure. */
export const isWithin = (path: string, folder: string): boolean =>
  folder !== '' && (path === folder || path.startsWith(`${folder}/`));
