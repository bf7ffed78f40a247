import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

/** A blob or a manifest, as others refer to it. */
export interface Pushed {
  mediaType: string;
  digest: string;
  size: number;
}

interface Manifest {
  schemaVersion: 2;
  mediaType: string;
  config?: Pushed;
  layers?: Pushed[];
  manifests?: object[];
}

interface Repository {
  /** host:port of a registry without TLS. */
  address: string;
  name: string;
}

const types = {
  image: 'application/vnd.docker.distribution.manifest.v2+json',
  list: 'application/vnd.docker.distribution.manifest.list.v2+json',
  config: 'application/vnd.docker.container.image.v1+json',
  layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
};

/** A layer of one file with this content, compressed, with the digest of its unpacked form. */
export async function layerOf(path: string, content: Buffer): Promise<{ data: Buffer; unpacked: string }> {
  const tar = pack();
  tar.entry({ name: path, mtime: new Date(0) }, content);
  tar.finalize();
  const plain = await buffer(tar);
  return { data: gzipSync(plain), unpacked: digestOf(plain) };
}

/** Pushes an image for a machine without any build, under its digest alone. */
export async function pushImage(
  to: Repository,
  { machine, layers }: { machine: string; layers: Array<Awaited<ReturnType<typeof layerOf>>> },
): Promise<Pushed> {
  const settings = { rootfs: { type: 'layers', diff_ids: layers.map(({ unpacked }) => unpacked) } };
  const text = JSON.stringify({ os: 'linux', architecture: machine, config: { Cmd: ['/none'] }, ...settings });
  const config = await pushBlob(to, Buffer.from(text), types.config);
  const pushed: Pushed[] = [];
  for (const { data } of layers) pushed.push(await pushBlob(to, data, types.layer));
  return await pushManifest(to, { schemaVersion: 2, mediaType: types.image, config, layers: pushed });
}

/** Pushes a list of images, each for its machine. */
export async function pushList(to: Repository, images: Array<{ machine: string; image: Pushed }>): Promise<Pushed> {
  const manifests = images.map(({ machine, image }) => ({
    ...image,
    platform: { os: 'linux', architecture: machine },
  }));
  return await pushManifest(to, { schemaVersion: 2, mediaType: types.list, manifests });
}

/** Takes an image or a list out of its registry. */
export async function deleteManifest({ address, name }: Repository, { digest }: Pushed): Promise<void> {
  await ask(`http://${address}/v2/${name}/manifests/${digest}`, { method: 'DELETE' });
}

async function pushBlob({ address, name }: Repository, data: Buffer, mediaType: string): Promise<Pushed> {
  const begun = await ask(`http://${address}/v2/${name}/blobs/uploads/`, { method: 'POST' });
  const place = new URL(begun.headers.get('location')!, `http://${address}`);
  const digest = digestOf(data);
  place.searchParams.set('digest', digest);
  await ask(place.href, { method: 'PUT', body: data, headers: { 'content-type': 'application/octet-stream' } });
  return { mediaType, digest, size: data.length };
}

async function pushManifest({ address, name }: Repository, body: Manifest): Promise<Pushed> {
  const data = Buffer.from(JSON.stringify(body));
  const digest = digestOf(data);
  const headers = { 'content-type': body.mediaType };
  await ask(`http://${address}/v2/${name}/manifests/${digest}`, { method: 'PUT', body: data, headers });
  return { mediaType: body.mediaType, digest, size: data.length };
}

async function ask(url: string, request: RequestInit): Promise<Response> {
  const answer = await fetch(url, request);
  if (!answer.ok) throw new Error(`${request.method} ${url}: ${answer.status} ${await answer.text()}`);
  return answer;
}

const digestOf = (data: Buffer): string => `sha256:${createHash('sha256').update(data).digest('hex')}`;
