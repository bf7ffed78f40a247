import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { BelayError } from '../errors';
import { compose } from './compose-command';
import { composeHashes } from './compose-hash';
import { readGiven } from './given';
import type { ComposeProject } from './project';

type Config = Pick<ComposeProject, 'name' | 'services' | 'networks' | 'volumes' | 'secrets' | 'configs'>;

/** Where a Compose file stands: the project folder, and its name in there. */
export interface ComposeSource {
  folder: string;
  file: string;
  /** The file's text in place of the one on the disk; paths and `.env` are still the folder's. */
  text?: string;
}

/**
 * The project as Compose resolves it, with the host's own `.env`. Throws `compose-invalid` with Compose's own words, or
 * when Compose is missing.
 */
export async function readCompose({ folder, file, text }: ComposeSource): Promise<ComposeProject> {
  const path = resolve(folder, file);
  const place = dirname(path);
  const args = text === undefined ? ['-f', path] : ['-f', '-', '--project-directory', place];
  const [config, version] = await Promise.all([
    compose({ folder, file, input: text, args: [...args, 'config', '--format', 'json'] }),
    compose({ folder, file, args: ['version', '--short'] }),
  ]);
  const written = text ?? (await readFile(path, 'utf8'));
  const parsed = fromConfig(config.output, file);
  const [hashes, given] = await Promise.all([
    composeHashes({ folder, file, place, config: config.output }),
    readGiven({ folder, file, place, ...parsed }),
  ]);
  return {
    ...parsed,
    folder: place,
    file,
    path,
    text: written,
    version: version.output.trim(),
    hashes,
    warnings: publicWarnings(config.warnings, written),
    given,
  };
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
}): Promise<ComposeProject> {
  const { folder, platform, services, file = 'belay.yaml' } = source;
  return readCompose({ folder, file, text: JSON.stringify(composeFile(platform, services)) });
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
