import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { BelayError } from '../errors';
import { compose } from './compose-command';
import type { ComposeNetwork, ComposeProject, ComposeService, ComposeVolume } from './project';

interface Config {
  name: string;
  services?: Record<string, ComposeService>;
  networks?: Record<string, ComposeNetwork>;
  volumes?: Record<string, ComposeVolume>;
}

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
  const args = text === undefined ? ['-f', path] : ['-f', '-', '--project-directory', dirname(path)];
  const call = (...more: string[]) => compose({ folder, file, input: text, args: [...args, ...more] });
  const [config, hashes, version] = await Promise.all([
    call('config', '--format', 'json'),
    call('config', '--hash', '*'),
    compose({ folder, file, args: ['version', '--short'] }),
  ]);
  return {
    ...fromConfig(config.output, file),
    folder: dirname(path),
    file,
    path,
    version: version.output.trim(),
    hashes: fromHashes(hashes.output),
    warnings: publicWarnings(config.warnings, text ?? (await readFile(path, 'utf8'))),
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
      Object.entries(services).map(([name, { image, env, volumes }]) => [name, { image, environment: env, volumes }]),
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

function fromConfig(output: string, file: string): Required<Config> {
  const { name, services = {}, networks = {}, volumes = {} } = parse(output, file);
  return { name, services, networks, volumes };
}

/** Compose doubles every dollar of what it prints, so that it could be read as a Compose file again. */
function parse(output: string, file: string): Config {
  try {
    return JSON.parse(output.replaceAll('$$', '$')) as Config;
  } catch (cause) {
    throw new BelayError('compose-invalid', `${basename(file)}: what Compose printed is not JSON`, {
      hint: 'Compose 2.20 or later is needed: docker compose version',
      cause,
    });
  }
}

function fromHashes(output: string): Record<string, string> {
  const lines = output.split('\n').filter((line) => line.trim());
  return Object.fromEntries(lines.map((line) => line.trim().split(/\s+/) as [string, string]));
}
