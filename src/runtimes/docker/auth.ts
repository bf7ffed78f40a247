import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { AuthConfig } from 'dockerode';
import { runProgram } from '../../run-program';

interface DockerConfig {
  auths?: Record<string, { auth?: string; identitytoken?: string }>;
  credHelpers?: Record<string, string>;
  credsStore?: string;
}

const hub = 'https://index.docker.io/v1/';
const hubNames = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io']);

/** The credentials for a registry. */
export interface Credentials {
  /** Absent: an anonymous request. */
  auth?: AuthConfig;
  /** The user and the source, for people, without a secret: `as ana, from /root/.docker/config.json`. */
  words: string;
}

/**
 * The login that `docker login` stored for a registry (`registry.example.com:5000`; absent: Docker Hub). Reads
 * `config.json` in DOCKER_CONFIG or ~/.docker, or asks the credential helper named there. An unreadable source gives no
 * credentials, and `words` says so: many registries answer without.
 */
export async function credentialsFor(registry: string | undefined): Promise<Credentials> {
  const path = join(process.env.DOCKER_CONFIG || join(homedir(), '.docker'), 'config.json');
  const { config, problem } = await readConfig(path);
  if (!config) return { words: `without credentials: ${problem}` };
  const address = registry === undefined || hubNames.has(registry) ? hub : registry;
  const helper = config.credHelpers?.[address] ?? config.credHelpers?.[registry ?? 'docker.io'] ?? config.credsStore;
  const told: Credentials = helper ? await askHelper({ helper, address, path }) : { words: '' };
  if (told.auth) return told;
  const auth = stored(config, address);
  if (auth) return { auth, words: `as ${nameOf(auth)}, from ${path}` };
  return { words: `without credentials: ${told.words || `${path} has no entry for ${hostOf(address)}`}` };
}

async function readConfig(path: string): Promise<{ config?: DockerConfig; problem?: string }> {
  try {
    return { config: JSON.parse(await readFile(path, 'utf8')) as DockerConfig };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { problem: `${path} is not there` };
    return { problem: code ? `${path} cannot be read (${code})` : `${path} is not JSON` };
  }
}

function stored(config: DockerConfig, address: string): AuthConfig | undefined {
  const key = Object.keys(config.auths ?? {}).find((name) => hostOf(name) === hostOf(address));
  const { auth, identitytoken } = (key && config.auths?.[key]) || {};
  if (identitytoken) return { identitytoken, serveraddress: address };
  if (!auth) return undefined;
  const [username, ...password] = Buffer.from(auth, 'base64').toString('utf8').split(':');
  return { username, password: password.join(':').replace(/\0+$/, ''), serveraddress: address };
}

interface HelperRequest {
  helper: string;
  address: string;
  /** The file that names the helper. */
  path: string;
}

/** Speaks the protocol of Docker's credential helpers: the address on standard input, JSON on standard output. */
async function askHelper({ helper, address, path }: HelperRequest): Promise<Credentials> {
  const program = `docker-credential-${helper}`;
  const { code, output, errors } = await runProgram({
    command: program,
    args: ['get'],
    input: address,
    timeout: 20_000,
  });
  const auth = code === 0 ? fromHelper(output, address) : undefined;
  if (auth) return { auth, words: `as ${nameOf(auth)}, from ${program}` };
  if (code === 'ENOENT') return { words: `${program}, which ${path} names, is not on the PATH` };
  if (/not found/i.test(output)) return { words: `${program} has no entry for ${hostOf(address)}` };
  return { words: `${program}, which ${path} names, failed (${errors.trim() || (code === 0 ? 'no JSON' : code)})` };
}

function fromHelper(output: string, address: string): AuthConfig | undefined {
  try {
    const { Username, Secret } = JSON.parse(output) as { Username: string; Secret: string };
    if (Username === '<token>') return { identitytoken: Secret, serveraddress: address };
    return { username: Username, password: Secret, serveraddress: address };
  } catch {
    return undefined;
  }
}

const nameOf = (auth: AuthConfig): string => ('username' in auth && auth.username) || 'the holder of a token';
const hostOf = (address: string) => address.replace(/^https?:\/\//, '').split('/')[0];
