import type { Credentials } from './auth';
import { fullName } from './image-ref';

/** Longest time of all requests about one image, in milliseconds. */
const within = 3_000;

/** Reads a repository of a registry: `manifests/sha256:…`, `blobs/sha256:…`. */
export type Reader = <T>(path: string) => Promise<T>;

const manifests = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/**
 * Reads a repository by the registry's HTTP API, as the engine tells no sizes. Knows nothing of the engine's mirrors and
 * certificates: its errors prove nothing.
 */
export function registryReader(repository: string, { auth }: Pick<Credentials, 'auth'>): Reader {
  const [host, ...rest] = fullName(repository).split('/') as [string, ...string[]];
  const name = rest.join('/');
  const signal = AbortSignal.timeout(within);
  const login = auth && 'username' in auth ? `Basic ${base64(`${auth.username}:${auth.password}`)}` : undefined;
  const get = async (url: string, authorization?: string) =>
    await fetch(url, { signal, headers: { accept: manifests, ...(authorization && { authorization }) } });
  let granted: string | undefined;
  return async <T>(path: string) => {
    const url = `${addressOf(host)}/v2/${name}/${path}`;
    let answer = await get(url, granted);
    if (answer.status === 401 && granted === undefined) {
      granted = await grant(answer.headers.get('www-authenticate') ?? '', login, get);
      answer = await get(url, granted);
    }
    if (!answer.ok) throw new Error(`${host} answers ${answer.status}`);
    return (await answer.json()) as T;
  };
}

type Get = (url: string, authorization?: string) => Promise<Response>;

/** The authorization that a registry asks for. */
async function grant(challenge: string, login: string | undefined, get: Get): Promise<string> {
  if (/^basic/i.test(challenge) && login) return login;
  const given = Object.fromEntries([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key!, value!]));
  const { realm = '', service, scope } = given;
  if (!isPrivate(realm)) throw new Error(`${realm} would get credentials in plain text`);
  const url = new URL(realm);
  if (service) url.searchParams.set('service', service);
  if (scope) url.searchParams.set('scope', scope);
  const { token, access_token: other } = (await (await get(url.href, login)).json()) as Record<string, string>;
  return `Bearer ${token ?? other}`;
}

const isLoopback = (host: string) => /^(127\.|localhost(:|$)|\[::1\])/.test(host);
/** The engine too speaks plain HTTP to registries on its own machine. */
const addressOf = (host: string): string =>
  host === 'docker.io' ? 'https://registry-1.docker.io' : `${isLoopback(host) ? 'http' : 'https'}://${host}`;
const isPrivate = (url: string) => url.startsWith('https://') || isLoopback(url.replace(/^http:\/\//, ''));
const base64 = (text: string) => Buffer.from(text).toString('base64');
