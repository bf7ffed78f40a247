import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { compose } from './compose-command';
import { composeHashes } from './compose-hash';
import { configOf, fromConfig } from './compose-run';
import { type ComposeSource, composeArgs, pathsOf } from './compose-source';
import { readGiven } from './given';
import type { ComposeProject } from './project';
import { overlayOf } from './shadow';

export type { ComposeSource };

/**
 * The project as Compose resolves it with the host's own env files. Runs Compose once, and once more for the hashes.
 * Throws `compose-invalid` with Compose's own words, or if Compose is missing.
 */
export async function readCompose(source: ComposeSource): Promise<ComposeProject> {
  const paths = pathsOf(source);
  const place = dirname(paths[0]!);
  const file = [source.file].flat().join(', ');
  const [config, version] = await Promise.all([configOf(source), installedVersion(source.folder)]);
  const written = source.content ? JSON.stringify(source.content) : await textsOf(source);
  const { asked, ...parsed } = fromConfig(config.output, file);
  const project = {
    ...parsed,
    folder: place,
    file,
    path: paths.join(','),
    // Line numbers would be ambiguous for several files, or for a copy.
    text: paths.length === 1 && Object.keys(source.copies ?? {}).length === 0 ? written : '',
    version,
    warnings: publicWarnings(config.warnings, written),
    asked,
    ...overlayOf(source),
  };
  const [hashes, given] = await Promise.all([
    source.withoutHashes ? {} : composeHashes({ folder: source.folder, file, place, config: config.output }),
    readGiven(source, project),
  ]);
  return { ...project, hashes, given };
}

/** Compose's names of the project, its networks and its volumes; one call. Throws as `readCompose`. */
export async function readComposeNames(
  source: ComposeSource,
): Promise<Pick<ComposeProject, 'name' | 'networks' | 'volumes'>> {
  const { output } = await configOf(source);
  const { name, networks, volumes } = fromConfig(output, [source.file].flat().join(', '));
  return { name, networks, volumes };
}

/** Names of all profiles that the files give to services; one call. Throws as `readCompose`. */
export async function readProfiles(source: ComposeSource): Promise<string[]> {
  const args = [...composeArgs(source), 'config', '--profiles'];
  const { output } = await compose({ folder: source.folder, file: [source.file].flat().join(', '), args });
  return output.split('\n').filter(Boolean);
}

let known: Promise<string> | undefined;

/** Compose's version, read once a process. */
function installedVersion(folder: string): Promise<string> {
  known ??= compose({ folder, file: 'docker compose', args: ['version', '--short'] }).then(
    ({ output }) => output.trim(),
    (error: unknown) => {
      known = undefined;
      throw error;
    },
  );
  return known;
}

async function textsOf({ folder, file, copies = {} }: ComposeSource): Promise<string> {
  const paths = [file].flat().map((name) => copies[name] ?? resolve(folder, name));
  return (await Promise.all(paths.map((path) => readFile(path, 'utf8')))).join('\n');
}

/** A service of a spec without a Compose file. */
export interface ImageService {
  image: string;
  env?: Record<string, string>;
  /** `source:/path` or `source:/path:ro`. */
  volumes?: string[];
}

/** The project as a Compose file with these services would give it. Compose replaces `${NAME}` in values. */
export async function composeFromImage(source: {
  folder: string;
  platform: string;
  services: Record<string, ImageService>;
  /** The file of the services, as errors name it. */
  file?: string;
  envFiles?: string[];
  project?: string;
}): Promise<ComposeProject> {
  return readCompose(imageSource(source));
}

/** The source of `composeFromImage`'s project. Pure. */
export function imageSource({
  folder,
  platform,
  services,
  file = 'belay.yaml',
  ...more
}: Parameters<typeof composeFromImage>[0]): ComposeSource {
  return { folder, file, content: composeFile(platform, services), ...more };
}

/** Pure part of `composeFromImage`: a Compose file as data, since JSON is valid YAML. */
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

/**
 * Warnings without names that the file does not have. Such a name comes from a value with a dollar, and may be part of
 * a secret.
 */
function publicWarnings(warnings: string[], text: string): string[] {
  const rewritten = warnings.map((warning) => {
    const name = /^The "(.*)" variable is not set/s.exec(warning)?.[1];
    return name === undefined || text.includes(name) ? warning : unsetElsewhere;
  });
  return [...new Set(rewritten)];
}

const unsetElsewhere =
  'A value outside the Compose file, such as one in .env, takes a variable that is not set: write a value with a $ in single quotes.';
