import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { BelayError } from '../errors';
import { hints } from '../hints';
import { type NamedPlatform, platformsIn as namedIn, specFile } from '../spec/environment';
import { environmentPlatform } from '../spec/overlay';
import { didYouMean } from '../spec/sentences';
import { reader } from './files';

/** The folder of a platform, or of an environment of it. */
export interface PlatformFolder {
  folder: string;
  env?: string;
}

/** A platform by name. `env` selects one of its environments; an environment is found by its full name too. */
export interface PlatformRequest {
  platform: string;
  env?: string;
}

/**
 * The folder whose `belay.yaml` names the platform: one of `specs`, or a folder in one of them. Throws
 * `platform-unknown`. Throws `input-invalid` where a name is ambiguous and one of its meanings is an environment.
 */
export async function findFolder(specs: string[], asked: PlatformRequest): Promise<PlatformFolder> {
  const all = platformsIn(specs);
  const [first] = all.filter((one) => isMeant(one, asked));
  if (!first) throw unknown(specs, asked, all);
  const env = asked.env ?? first.env;
  const own = all.find((one) => one.folder === first.folder && one.env === env)?.platform ?? asked.platform;
  refuseTwice(own, all);
  return { folder: first.folder, env };
}

/** The name under which a host keeps the platform's records, even if its files name another by now. */
export async function keptName(specs: string[], { platform, env }: PlatformRequest): Promise<string> {
  if (env === undefined) return platform;
  const all = platformsIn(specs);
  const base = all.find((one) => isMeant(one, { platform, env }));
  const own = all.find((one) => one.folder === base?.folder && one.env === env);
  return own?.platform ?? environmentPlatform(platform, env);
}

interface Known extends NamedPlatform {
  folder: string;
}

/** True if the request means this entry: by platform and `env`, or by the entry's full name. */
const isMeant = (one: Known, { platform, env }: PlatformRequest): boolean =>
  one.platform === platform && (env === undefined || one.env === undefined || one.env === env);

/** The platforms and environments in these folders and their direct subfolders. */
export function platformsIn(specs: string[]): Known[] {
  const known = candidates(specs).flatMap((folder) => namedIn(reader({ folder })).map((one) => ({ ...one, folder })));
  // Platforms come first: a platform wins over an environment of the same name.
  return [...known.filter(({ env }) => env === undefined), ...known.filter(({ env }) => env !== undefined)];
}

/** Links count as folders; of two names for one folder, the first. */
function candidates(specs: string[]): string[] {
  const inside = specs.flatMap((folder) =>
    namesIn(folder)
      .filter((name) => !name.startsWith('.'))
      .map((name) => join(folder, name))
      .filter((path) => read(() => statSync(path).isDirectory(), false)),
  );
  const all = [...specs, ...inside.sort()].map((folder) => resolve(folder));
  const places = all.map((folder) => read(() => realpathSync(folder), folder));
  return all.filter((_, index) => places.indexOf(places[index]!) === index);
}

const namesIn = (folder: string): string[] => read(() => readdirSync(folder), []);

/** A folder that cannot be read holds no platform. */
function read<Value>(look: () => Value, otherwise: Value): Value {
  try {
    return look();
  } catch {
    return otherwise;
  }
}

/** Two entries of one name would share containers, images and revisions on the host. */
function refuseTwice(platform: string, all: Known[]): void {
  const same = all.filter((one) => one.platform === platform);
  if (same.length < 2 || same.every(({ env }) => env === undefined)) return;
  const places = same.map(({ folder, env }) => (env === undefined ? folder : `environment ${env} of ${folder}`));
  throw new BelayError('input-invalid', `platform "${platform}" is ${places.join(' and ')}`, {
    hint: 'write platform: … in the file of the environment, with a name that nothing else has',
  });
}

function unknown(specs: string[], { platform }: PlatformRequest, all: Known[]): BelayError {
  const names = all.map((one) => one.platform);
  const there = names.length > 0 ? `there are: ${names.join(', ')}` : `no ${specFile} was found`;
  const meant = didYouMean(platform, names);
  return new BelayError('platform-unknown', `no platform "${platform}" in ${specs.join(', ')}; ${there}`, {
    hint: `${meant ? `did you mean ${meant}? Else ` : ''}${hints().platformUnknown(specs)}`,
  });
}
