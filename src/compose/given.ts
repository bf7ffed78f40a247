import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { BelayError } from '../errors';
import { compose } from './compose-command';
import { profilePath } from './host-config';
import type { ComposeProject, Given } from './project';

type Parts = Pick<ComposeProject, 'services' | 'secrets' | 'configs'> & {
  folder: string;
  file: string;
  place: string;
  /** In place of `.env`, in their order. */
  envFiles?: string[];
};

/** What Compose takes from elsewhere. Throws `compose-invalid` for a seccomp profile that cannot be read. */
export async function readGiven(parts: Parts): Promise<Given> {
  const [variables, profiles, proxies] = await Promise.all([readVariables(parts), readProfiles(parts), readProxies()]);
  return { variables, profiles, proxies };
}

/** Variables that secrets and configs are made of, as Compose finds them: in `.env`, in its environment. */
async function readVariables({
  folder,
  file,
  place,
  envFiles = [],
  secrets,
  configs,
}: Parts): Promise<Record<string, string>> {
  const all = [...Object.values(secrets), ...Object.values(configs)];
  const names = [...new Set(all.flatMap(({ environment }) => environment ?? []))];
  if (names.length === 0) return {};
  const environment = Object.fromEntries(names.map((name) => [name, `\${${name}-}`]));
  const set = Object.fromEntries(names.map((name) => [`is_${name}`, `\${${name}+set}`]));
  const input = JSON.stringify({
    name: 'belay',
    services: { values: { image: 'none', environment: { ...environment, ...set } } },
  });
  const files = envFiles.flatMap((name) => ['--env-file', resolve(folder, name)]);
  const args = ['-f', '-', '--project-directory', place, ...files, 'config', '--format', 'json'];
  const { output } = await compose({ folder, file, args, input });
  const values = (JSON.parse(output.replaceAll('$$', '$')) as Printed).services.values.environment;
  return Object.fromEntries(
    names.filter((name) => values[`is_${name}`] === 'set').map((name) => [name, values[name]!]),
  );
}

interface Printed {
  services: { values: { environment: Record<string, string> } };
}

async function readProfiles({ file, place, services }: Parts): Promise<Record<string, string>> {
  const options = Object.values(services).flatMap(({ security_opt = [] }) => security_opt);
  const paths = [...new Set(options.flatMap((option) => profilePath(option) ?? []))];
  return Object.fromEntries(
    await Promise.all(paths.map(async (path) => [path, await profile(resolve(place, path), file)])),
  );
}

/** Without white space, as Compose hands it to the engine. */
async function profile(path: string, file: string): Promise<string> {
  try {
    return JSON.stringify(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw new BelayError('compose-invalid', `${file}: the seccomp profile ${path} cannot be read as JSON`, {
      hint: 'correct the path in security_opt, or the file',
      cause,
    });
  }
}

const proxyNames: Record<string, string> = {
  httpProxy: 'HTTP_PROXY',
  httpsProxy: 'HTTPS_PROXY',
  ftpProxy: 'FTP_PROXY',
  noProxy: 'NO_PROXY',
  allProxy: 'ALL_PROXY',
};

async function readProxies(): Promise<Record<string, string>> {
  const folder = process.env.DOCKER_CONFIG || join(homedir(), '.docker');
  const text = await readFile(join(folder, 'config.json'), 'utf8').catch(() => '{}');
  return proxiesOf(text, process.env.DOCKER_HOST || 'unix:///var/run/docker.sock');
}

/** The proxies that Docker's client configuration names for an engine; Compose gives them to every container, in both cases of letters. */
export function proxiesOf(configuration: string, engine: string): Record<string, string> {
  const { proxies = {} } = parse(configuration);
  const chosen = proxies[engine] ?? proxies.default ?? {};
  const set = Object.entries(proxyNames).filter(([key]) => chosen[key]);
  return Object.fromEntries(
    set.flatMap(([key, name]) => [
      [name, chosen[key]!],
      [name.toLowerCase(), chosen[key]!],
    ]),
  );
}

function parse(text: string): { proxies?: Record<string, Record<string, string>> } {
  try {
    return JSON.parse(text) as { proxies?: Record<string, Record<string, string>> };
  } catch {
    return {};
  }
}
