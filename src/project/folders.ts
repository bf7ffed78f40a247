import { type Dirent, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { BelayError } from '../errors';
import { hints } from '../hints';
import { type NamedPlatform, platformsIn as namedIn, specFile } from '../spec/environment';
import { environmentPlatform } from '../spec/overlay';
import { didYouMean } from '../spec/sentences';
import { reader } from './files';

/** Where a platform is, or an environment of it. */
export interface Found {
  folder: string;
  env?: string;
}

/** A platform by its name, with `env` where one of its environments is meant; an environment may be asked for by its own name too. */
export interface Asked {
  platform: string;
  env?: string;
}

/**
 * The folder whose `belay.yaml` names the platform: one of `specs`, or a folder in one of them. Throws `platform-unknown`,
 * and `input-invalid` where a name means more than one thing and one of them is an environment.
 */
export async function findFolder(specs: string[], asked: Asked): Promise<Found> {
  const all = platformsIn(specs);
  const [first] = all.filter((one) => isMeant(one, asked));
  if (!first) throw unknown(specs, asked, all);
  const env = asked.env ?? first.env;
  const own = all.find((one) => one.folder === first.folder && one.env === env)?.platform ?? asked.platform;
  refuseTwice(own, all);
  return { folder: first.folder, env };
}

/** Under which name a host keeps what is asked for, whatever the files say by now. */
export async function keptName(specs: string[], { platform, env }: Asked): Promise<string> {
  if (env === undefined) return platform;
  const all = platformsIn(specs);
  const base = all.find((one) => isMeant(one, { platform, env }));
  const own = all.find((one) => one.folder === base?.folder && one.env === env);
  return own?.platform ?? environmentPlatform(platform, env);
}

interface Known extends NamedPlatform {
  folder: string;
}

/** With `env` its platform is meant, or itself by its own name. */
const isMeant = (one: Known, { platform, env }: Asked): boolean =>
  one.platform === platform && (env === undefined || one.env === undefined || one.env === env);

/** Platforms and their environments, of these folders and of folders in them. */
export function platformsIn(specs: string[]): Known[] {
  const known = candidates(specs).flatMap((folder) => namedIn(reader({ folder })).map((one) => ({ ...one, folder })));
  // A platform comes before an environment that has its name.
  return [...known.filter(({ env }) => env === undefined), ...known.filter(({ env }) => env !== undefined)];
}

function candidates(specs: string[]): string[] {
  const inside = specs.flatMap((folder) =>
    entriesOf(folder)
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map((entry) => join(folder, entry.name)),
  );
  return [...new Set([...specs, ...inside.sort()].map((folder) => resolve(folder)))];
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** Two things of one name would be one on the host: the same containers, images and revisions. */
function refuseTwice(platform: string, all: Known[]): void {
  const same = all.filter((one) => one.platform === platform);
  if (same.length < 2 || same.every(({ env }) => env === undefined)) return;
  const places = same.map(({ folder, env }) => (env === undefined ? folder : `environment ${env} of ${folder}`));
  throw new BelayError('input-invalid', `platform "${platform}" is ${places.join(' and ')}`, {
    hint: 'write platform: … in the file of the environment, with a name that nothing else has',
  });
}

function unknown(specs: string[], { platform }: Asked, all: Known[]): BelayError {
  const names = all.map((one) => one.platform);
  const there = names.length > 0 ? `there are: ${names.join(', ')}` : `no ${specFile} was found`;
  const meant = didYouMean(platform, names);
  return new BelayError('platform-unknown', `no platform "${platform}" in ${specs.join(', ')}; ${there}`, {
    hint: `${meant ? `did you mean ${meant}? Else ` : ''}${hints().platformUnknown(specs)}`,
  });
}
