import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { BelayError } from '../errors';
import { compose } from './compose-command';
import { composeHashes } from './compose-hash';
import { readGiven } from './given';
import type { ComposeProject } from './project';

type Config = Pick<ComposeProject, 'name' | 'services' | 'networks' | 'volumes' | 'secrets' | 'configs'>;

/** Where Compose files stand: the project folder, and their names in there; several are merged in their order. */
export interface ComposeSource {
  folder: string;
  file: string | string[];
  /** The text of the one file in place of the one on the disk; paths and `.env` are still the folder's. */
  text?: string;
  /** Absolute paths that are read in place of files, by their names; paths in them are still the folder's. */
  copies?: Record<string, string>;
  /** In place of `.env`, in their order. */
  envFiles?: string[];
  /** The Compose project's name, whatever the files say. */
  project?: string;
}

/**
 * The project as Compose resolves it, with the host's own env files. Throws `compose-invalid` with Compose's own words, or
 * when Compose is missing.
 */
export async function readCompose(source: ComposeSource): Promise<ComposeProject> {
  const { folder, text, copies, envFiles } = source;
  const paths = pathsOf(source);
  const place = dirname(paths[0]!);
  const file = [source.file].flat().join(', ');
  const [config, version] = await Promise.all([
    compose({ folder, file, copies, input: text, args: [...composeArgs(source), 'config', '--format', 'json'] }),
    compose({ folder, file, args: ['version', '--short'] }),
  ]);
  const written = text ?? (await textsOf(source));
  const parsed = fromConfig(config.output, file);
  const [hashes, given] = await Promise.all([
    composeHashes({ folder, file, place, config: config.output }),
    readGiven({ folder, file, place, envFiles, ...parsed }),
  ]);
  return {
    ...parsed,
    folder: place,
    file,
    path: paths.join(','),
    // Of several files, or of a copy, nobody could tell which line is meant.
    text: paths.length === 1 && Object.keys(copies ?? {}).length === 0 ? written : '',
    version: version.output.trim(),
    hashes,
    warnings: publicWarnings(config.warnings, written),
    given,
  };
}

/** What Compose calls the project, its networks and its volumes; one call. Throws as `readCompose`. */
export async function readComposeNames(
  source: ComposeSource,
): Promise<Pick<ComposeProject, 'name' | 'networks' | 'volumes'>> {
  const { folder, text, copies } = source;
  const file = [source.file].flat().join(', ');
  const args = [...composeArgs(source), 'config', '--format', 'json'];
  const { output } = await compose({ folder, file, copies, input: text, args });
  const { name, networks, volumes } = fromConfig(output, file);
  return { name, networks, volumes };
}

/** What comes before Compose's own command. Pure. */
export function composeArgs(source: ComposeSource): string[] {
  const { folder, file, text, copies = {}, envFiles = [], project } = source;
  const files = text === undefined ? [file].flat().map((name) => copies[name] ?? resolve(folder, name)) : ['-'];
  const moved = text !== undefined || Object.keys(copies).length > 0;
  return [
    ...(project === undefined ? [] : ['-p', project]),
    ...files.flatMap((path) => ['-f', path]),
    ...(moved ? ['--project-directory', dirname(pathsOf(source)[0]!)] : []),
    ...envFiles.flatMap((name) => ['--env-file', resolve(folder, name)]),
  ];
}

const pathsOf = ({ folder, file }: ComposeSource): string[] => [file].flat().map((name) => resolve(folder, name));

async function textsOf({ folder, file, copies = {} }: ComposeSource): Promise<string> {
  const paths = [file].flat().map((name) => copies[name] ?? resolve(folder, name));
  return (await Promise.all(paths.map((path) => readFile(path, 'utf8')))).join('\n');
}

/** What a spec says of a service where there is no Compose file. */
export interface ImageService {
  image: string;
  env?: Record<string, string>;
  /** `source:/path` or `source:/path:ro`. */
  volumes?: string[];
}

/** The same project as a Compose file with these services would give. `${NAME}` in values is Compose's work too. */
export async function composeFromImage(source: {
  folder: string;
  platform: string;
  services: Record<string, ImageService>;
  /** The file the services come from, as errors name it. */
  file?: string;
  envFiles?: string[];
  project?: string;
}): Promise<ComposeProject> {
  return readCompose(imageSource(source));
}

/** Where `composeFromImage` has its project from. Pure. */
export function imageSource({
  folder,
  platform,
  services,
  file = 'belay.yaml',
  ...more
}: Parameters<typeof composeFromImage>[0]): ComposeSource {
  return { folder, file, text: JSON.stringify(composeFile(platform, services)), ...more };
}

/** Pure part of `composeFromImage`: a Compose file, which may as well be JSON. */
export function composeFile(platform: string, services: Record<string, ImageService>): object {
  const sources = Object.values(services).flatMap(({ volumes = [] }) => volumes.map((volume) => volume.split(':')[0]!));
  const named = sources.filter((source) => !/^[./~$]/.test(source));
  return {
    name: platform,
    services: Object.fromEntries(
      Object.entries(services).map(([name, { image, env, volumes }]) => [
        name,
        { image, environment: env, volumes, restart: 'unless-stopped' },
      ]),
    ),
    volumes: Object.fromEntries(named.map((name) => [name, {}])),
  };
}

/** A name that the file does not have comes from a value with a dollar in it, and may be part of a secret. */
function publicWarnings(warnings: string[], text: string): string[] {
  const rewritten = warnings.map((warning) => {
    const name = /^The "(.*)" variable is not set/s.exec(warning)?.[1];
    return name === undefined || text.includes(name) ? warning : unsetElsewhere;
  });
  return [...new Set(rewritten)];
}

const unsetElsewhere =
  'A value outside the Compose file, such as one in .env, takes a variable that is not set: write a value with a $ in single quotes.';

function fromConfig(output: string, file: string): Config {
  const { name, services = {}, networks = {}, volumes = {}, secrets = {}, configs = {} } = parse(output, file);
  return { name, services, networks, volumes, secrets, configs };
}

/** Compose doubles every dollar of what it prints, so that it could be read as a Compose file again. */
function parse(output: string, file: string): Partial<Config> & Pick<Config, 'name'> {
  try {
    return JSON.parse(output.replaceAll('$$', '$')) as Config;
  } catch (cause) {
    throw new BelayError('compose-invalid', `${basename(file)}: what Compose printed is not JSON`, {
      hint: 'Compose 2.20 or later is needed: docker compose version',
      cause,
    });
  }
}
