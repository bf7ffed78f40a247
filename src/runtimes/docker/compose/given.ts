import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { dockerEndpoint } from '../../../docker-endpoint';
import { BelayError } from '../../../errors';
import { valuesOf } from './compose-run';
import type { ComposeSource } from './compose-source';
import { profilePath } from './host-config';
import type { ComposeProject, Given } from './project';

type Parts = Pick<ComposeProject, 'file' | 'folder' | 'services' | 'secrets' | 'configs' | 'asked'>;

/**
 * Inputs that Compose takes from outside of its files. Throws `compose-invalid` for an unreadable seccomp profile, and
 * `input-invalid` for an unreadable docker context.
 */
export async function readGiven(source: ComposeSource, parts: Parts): Promise<Given> {
  const [variables, local] = await Promise.all([readVariables(source, parts), readLocal(parts)]);
  return { variables, ...local };
}

/** The inputs that need no run of Compose. Throws as `readGiven`. */
export async function readLocal(parts: Pick<Parts, 'file' | 'folder' | 'services'>): Promise<Omit<Given, 'variables'>> {
  const [profiles, proxies] = await Promise.all([readProfiles(parts), readProxies()]);
  return { profiles, proxies };
}

/**
 * Variables of secrets and configs as Compose finds them. Variables that the project's run did not include are read
 * now.
 */
async function readVariables(source: ComposeSource, { secrets, configs, asked }: Parts): Promise<Given['variables']> {
  const all = [...Object.values(secrets), ...Object.values(configs)];
  const names = [...new Set(all.flatMap(({ environment }) => environment ?? []))];
  const open = names.filter((name) => !source.ask?.names.includes(name));
  const values = open.length === 0 ? asked.values : await valuesOf({ ...source, ask: { names: open, texts: [] } });
  return Object.fromEntries(names.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])));
}

async function readProfiles({
  file,
  folder,
  services,
}: Pick<Parts, 'file' | 'folder' | 'services'>): Promise<Record<string, string>> {
  const options = Object.values(services).flatMap(({ security_opt = [] }) => security_opt);
  const paths = [...new Set(options.flatMap((option) => profilePath(option) ?? []))];
  return Object.fromEntries(
    await Promise.all(paths.map(async (path) => [path, await profile(resolve(folder, path), file)])),
  );
}

/** The profile without white space, as Compose sends it to the engine. */
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
  return proxiesOf(text, dockerEndpoint().host);
}

/**
 * Proxies in Docker's client configuration for an engine. Compose gives them to every container, in upper and lower
 * case.
 */
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
    return (JSON.parse(text) ?? {}) as { proxies?: Record<string, Record<string, string>> };
  } catch {
    return {};
  }
}
