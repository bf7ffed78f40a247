import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { compose } from './compose-command';
import { composeHashes } from './compose-hash';
import { configOf, fromConfig } from './compose-run';
import { type ComposeSource, pathsOf } from './compose-source';
import { readGiven } from './given';
import type { ComposeProject } from './project';

export type { ComposeSource };

/**
 * The project as Compose resolves it, with the host's own env files, in one run of Compose and one for the hashes. Throws
 * `compose-invalid` with Compose's own words, or when Compose is missing.
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
    // Of several files, or of a copy, nobody could tell which line is meant.
    text: paths.length === 1 && Object.keys(source.copies ?? {}).length === 0 ? written : '',
    version,
    warnings: publicWarnings(config.warnings, written),
    asked,
  };
  const [hashes, given] = await Promise.all([
    source.withoutHashes ? {} : composeHashes({ folder: source.folder, file, place, config: config.output }),
    readGiven(source, project),
  ]);
  return { ...project, hashes, given };
}

/** What Compose calls the project, its networks and its volumes; one call. Throws as `readCompose`. */
export async function readComposeNames(
  source: ComposeSource,
): Promise<Pick<ComposeProject, 'name' | 'networks' | 'volumes'>> {
  const { output } = await configOf(source);
  const { name, networks, volumes } = fromConfig(output, [source.file].flat().join(', '));
  return { name, networks, volumes };
}

let known: Promise<string> | undefined;

/** Asked once by a process. */
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
  return { folder, file, content: composeFile(platform, services), ...more };
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
