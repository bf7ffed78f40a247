import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { AuthConfig } from 'dockerode';
import { BelayError } from '../errors';

interface DockerConfig {
  auths?: Record<string, { auth?: string; identitytoken?: string }>;
  credHelpers?: Record<string, string>;
  credsStore?: string;
}

const hub = 'https://index.docker.io/v1/';
const hubNames = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io']);

/**
 * What `docker login` stored for a registry (`registry.example.com:5000`; absent: Docker Hub), from `config.json` in
 * DOCKER_CONFIG or ~/.docker, or from the credential helper it names. Undefined where there is nothing.
 * Throws `registry-unreachable` when the helper cannot be run.
 */
export async function registryAuth(registry: string | undefined): Promise<AuthConfig | undefined> {
  const config = await readConfig();
  const address = registry === undefined || hubNames.has(registry) ? hub : registry;
  const helper = config.credHelpers?.[address] ?? config.credHelpers?.[registry ?? 'docker.io'] ?? config.credsStore;
  return (helper ? await askHelper(helper, address) : undefined) ?? stored(config, address);
}

async function readConfig(): Promise<DockerConfig> {
  const path = join(process.env.DOCKER_CONFIG || join(homedir(), '.docker'), 'config.json');
  const text = await readFile(path, 'utf8').catch(() => '{}');
  try {
    return JSON.parse(text) as DockerConfig;
  } catch (cause) {
    throw new BelayError('registry-unreachable', `${path} is not JSON`, { hint: 'repair it, or docker login', cause });
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

/** The protocol that Docker's credential helpers speak: the address on standard input, JSON on standard output. */
async function askHelper(helper: string, address: string): Promise<AuthConfig | undefined> {
  const { code, output, errors } = await run(`docker-credential-${helper}`, ['get'], address);
  if (code === 0) return fromHelper(output, address);
  if (/not found/i.test(output) && code !== 'ENOENT') return undefined;
  throw new BelayError('registry-unreachable', `docker-credential-${helper} failed: ${errors || output || code}`, {
    hint: `install it, or take it out of Docker's config.json and run docker login ${address}`,
  });
}

function fromHelper(output: string, address: string): AuthConfig {
  const { Username, Secret } = JSON.parse(output) as { Username: string; Secret: string };
  if (Username === '<token>') return { identitytoken: Secret, serveraddress: address };
  return { username: Username, password: Secret, serveraddress: address };
}

function run(
  command: string,
  args: string[],
  input: string,
): Promise<{ code: number | string; output: string; errors: string }> {
  return new Promise((resolve) => {
    const child = execFile(command, args, { env: process.env, timeout: 20_000 }, (error, output, errors) => {
      resolve({ code: error ? (error.code ?? 'killed') : 0, output: output.trim(), errors: errors.trim() });
    });
    child.stdin?.on('error', () => undefined).end(input);
  });
}

const hostOf = (address: string) => address.replace(/^https?:\/\//, '').split('/')[0];
