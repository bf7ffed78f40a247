import { BelayError } from '../errors';
import { surroundings } from './compose-choice';
import { type NamedText, type Overlay, oneFile, type SpecDocument, twoFiles } from './document';
import { inFolder, isInside } from './file-name';
import { environmentPlatform } from './overlay';
import { formatSpecErrors, parseSpec } from './parse';
import { formatPath, type Path, type SpecError } from './problem';
import { readYaml } from './read-yaml';
import { own } from './schema-at';
import { namesHint } from './sentences';
import type { Spec } from './spec';

export { takenIn } from './compose-references';
export { environmentPlatform } from './overlay';

export const specFile = 'belay.yaml';

export interface SpecFolder {
  /** The text of a file of the project folder; undefined if it is missing. */
  read(name: string): string | undefined;
  /** An entry of `environments`; absent for the platform itself. */
  env?: string;
  /** Environment of the shell, where Compose may find the names of its files. */
  environment?: Record<string, string | undefined>;
}

export interface SpecRead {
  spec: Spec;
  /** Texts as written, by name: `belay.yaml`, and the overlay. */
  texts: Record<string, string>;
  /** A path of the spec with its place: `belay.yaml:12:5 services.api.instances`. */
  placed(path: Path): string;
  /** The error for a path of the spec, with file, line and column. */
  refuse(path: Path, message: string, hint: string): BelayError;
}

/**
 * The spec of a folder, or of one of its environments. Throws `SpecInvalid` with every error, one a line. Throws
 * `input-invalid` for an unknown environment.
 */
export function readSpec({ read, env, environment = {} }: SpecFolder): SpecRead {
  const base: NamedText = { text: read(specFile) ?? '', file: specFile };
  const overlay = env === undefined ? undefined : overlayOf({ base, env, read });
  const result = parseSpec({ ...base, overlay, around: surroundings({ read, environment }) });
  if ('errors' in result) throw new SpecInvalid(result.errors, filesOf(overlay));
  const document = overlay ? twoFiles(base, overlay) : oneFile(base);
  const texts = { [specFile]: base.text, ...(overlay && { [overlay.file]: overlay.text }) };
  return {
    spec: result.spec,
    texts,
    placed: (path) => placedIn(document, path),
    refuse: (...what) => refusal(document, what),
  };
}

const filesOf = (overlay?: Overlay): string => [specFile, ...(overlay ? [overlay.file] : [])].join(' and ');

/** A spec with errors: its message has one a line. */
export class SpecInvalid extends BelayError {
  constructor(
    readonly places: SpecError[],
    files: string,
  ) {
    super('spec-invalid', formatSpecErrors(places), { hint: `correct ${files}; nothing was started` });
  }
}

function placedIn(document: SpecDocument, path: Path): string {
  const { file, line, column } = document.place(path);
  return `${file}:${line}:${column} ${formatPath(path)}`;
}

const refusal = (document: SpecDocument, [path, message, hint]: [Path, string, string]): BelayError =>
  new BelayError('spec-invalid', `${placedIn(document, path)}: ${message}`, { hint });

function overlayOf({ base, env, read }: { base: NamedText; env: string; read: SpecFolder['read'] }): Overlay {
  const document = oneFile(base);
  const environments = own(document.data, 'environments');
  const file = own(environments, env);
  if (typeof file !== 'string' || !isInside(inFolder(file))) throw withoutOverlay(base, env, environments);
  const text = read(file);
  if (text !== undefined) return { text, file, env };
  throw refusal(document, [['environments', env], `${file} is not there`, 'send it, or put it into the folder']);
}

/** The error for an environment without an overlay: the list names none, or the request is wrong. */
function withoutOverlay(base: NamedText, env: string, environments: unknown): BelayError {
  const alone = parseSpec(base);
  if ('errors' in alone) return new SpecInvalid(alone.errors, specFile);
  const known = Object.keys(Object(environments));
  return new BelayError('input-invalid', `env: there is no environment ${env}`, {
    hint:
      known.length > 0
        ? namesHint(env, known, `the environments are ${known.join(', ')}`)
        : `name its file under environments in ${specFile}`,
  });
}

/** A platform of a folder, and its environment if it is one. */
export interface NamedPlatform {
  platform: string;
  env?: string;
}

/**
 * Names of a folder's platform and environments, even if the files are invalid. So an unfinished edit of the spec keeps
 * nobody from talking to a release. Never throws.
 */
export function platformsIn(read: SpecFolder['read']): NamedPlatform[] {
  const base = dataOf(read(specFile));
  const platform = own(base, 'platform');
  if (typeof platform !== 'string') return [];
  const overlays = Object.entries(Object(own(base, 'environments')) as object);
  const environments = overlays.map(([env, file]) => {
    const named = typeof file === 'string' ? own(dataOf(read(file)), 'platform') : undefined;
    return { platform: typeof named === 'string' ? named : environmentPlatform(platform, env), env };
  });
  return [{ platform }, ...environments];
}

/** Names of the services in a folder's `belay.yaml`, even if it is invalid otherwise. Never throws. */
export const servicesIn = (read: SpecFolder['read']): string[] =>
  Object.keys(Object(own(dataOf(read(specFile)), 'services')));

const dataOf = (text: string | undefined): unknown => (text === undefined ? undefined : readYaml(text).data);
