import { buildBaseImage, contentHash, imageExists } from './base-image';
import { docker } from './docker';

export type ImageVersion = {
  tag: string;
  /** Environment baked into the image. VERSION is the tag by default. */
  env?: Record<string, string>;
  /** Further Dockerfile lines, for example a HEALTHCHECK. */
  lines?: string[];
};

export type Image = {
  tag: string;
  /** registry/name:tag */
  ref: string;
  /** sha256:… of the manifest in the registry. */
  digest: string;
  /** registry/name@digest */
  pinned: string;
};

export type BuildOptions = { registry: string; name: string; versions: ImageVersion[] };

/**
 * Builds the web service in several versions and pushes them to a registry (host:port). Builds stay under
 * belay-testbed/app by their content, so a second time costs only the push.
 */
export async function buildImages({ registry, name, versions }: BuildOptions): Promise<Image[]> {
  const base = await buildBaseImage();
  const repository = `${registry}/${name}`;
  const images: Image[] = [];
  try {
    for (const version of versions) images.push(await publish(await buildVersion(base, version), repository, version));
  } catch (error) {
    await untagImages(images);
    await untag(versions.map(({ tag }) => `${repository}:${tag}`));
    throw error;
  }
  return images;
}

/** Takes the registry's names off the engine's images. The images stay under their testbed names. */
export const untagImages = (images: Image[]): Promise<void> =>
  untag(images.flatMap(({ ref, pinned }) => [ref, pinned]));

async function untag(names: string[]): Promise<void> {
  for (const name of names) await docker(['rmi', '--no-prune', name]).catch(() => undefined);
}

async function publish(built: string, repository: string, { tag }: ImageVersion): Promise<Image> {
  const ref = `${repository}:${tag}`;
  await docker(['tag', built, ref]);
  const digest = await push(ref);
  return { tag, ref, digest, pinned: `${repository}@${digest}` };
}

async function buildVersion(base: string, version: ImageVersion): Promise<string> {
  const input = dockerfile(base, version);
  const image = `belay-testbed/app:${contentHash(input)}`;
  if (!(await imageExists(image))) await docker(['build', '--tag', image, '-'], { input });
  return image;
}

function dockerfile(base: string, { tag, env, lines = [] }: ImageVersion): string {
  const baked = Object.entries({ VERSION: tag, ...env });
  return [
    `FROM ${base}`,
    ...baked.map(([name, value]) => `ENV ${name}=${JSON.stringify(value).replaceAll('$', '\\$')}`),
    'EXPOSE 8080',
    'CMD ["node", "/app/server.js"]',
    ...lines,
    '',
  ].join('\n');
}

async function push(ref: string): Promise<string> {
  const digest = (await docker(['push', ref])).match(/digest: (sha256:[0-9a-f]{64})/)?.[1];
  if (!digest) throw new Error(`docker push ${ref} named no digest`);
  return digest;
}
