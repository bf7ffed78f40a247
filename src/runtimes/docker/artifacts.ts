import { BelayError } from '../../errors';
import type { Artifact, PinnedImage } from '../../model/artifact';
import type { ArtifactStore } from '../runtime';
import type { Engine } from './engine';
import { imageWithVersion } from './project/image-version';
import { pinImage } from './project/pin-image';
import { imagesOf, revisionTag } from './tags';

const belayImage = /^belay\/([^/]+)\/([^/:]+):r(\d+)$/;

/** Images as the artifacts of revisions: the engine keeps each under a tag of its revision. */
export function imageStore(engine: Engine): ArtifactStore {
  const isHere = async (image: PinnedImage) => image.digest !== '' && (await engine.has(image));
  return {
    withVersion: imageWithVersion,
    async pin({ ref, former, platform }) {
      const { image, warning } = await pinImage({ engine }, { ref, former: former && asImage(former) });
      return { artifact: await forPlatform(engine, image, platform), warning };
    },
    fetch: ({ artifact, keep, signal }) =>
      engine.fetch({ image: asImage(artifact), ...(keep && { tag: tagOf(keep) }), signal }),
    async carry({ artifact, from, to, signal }) {
      const own = tagOf(from);
      const isTagged = (await engine.tags(own)).includes(own);
      const image = isTagged ? await engine.pin(own) : asImage(artifact);
      await engine.fetch({ image, tag: tagOf(to), signal });
    },
    async where(artifact, kept) {
      const tag = kept && tagOf(kept);
      if (tag !== undefined && (await engine.tags(tag)).includes(tag)) return 'here';
      const image = asImage(artifact);
      if (await isHere(image)) return 'here';
      return image.local ? 'gone' : 'source';
    },
    fileIn: (artifact, path) => engine.fileIn(asImage(artifact), path),
    offered: (artifact) => engine.offered(asImage(artifact)),
    describe: (artifact, easy) => engine.describe(asImage(artifact), easy),
    madeAt: (key) => engine.madeAt(tagOf(key)),
    kept: async (key) =>
      (await engine.images(imagesOf(key))).flatMap((one) => {
        const revision = belayImage.exec(one.tag)?.[3];
        return revision === undefined ? [] : [{ ...one, revision: Number(revision) }];
      }),
    all: async () =>
      (await engine.tags('belay/')).flatMap((tag) => {
        const [, platform, word, revision] = belayImage.exec(tag) ?? [];
        return platform && word ? [{ platform, word, revision: Number(revision), tag }] : [];
      }),
    drop: (tag) => engine.untag(tag),
  };
}

const tagOf = ({ platform, service, revision }: { platform: string; service: string; revision: number }): string =>
  revisionTag(platform, service, revision);

/** Throws for what no container runs. */
function asImage(artifact: Artifact): PinnedImage {
  if (artifact.kind !== 'file') return artifact;
  throw new BelayError('unexpected', `${artifact.source} is a file, and containers run images`);
}

/** The image for the platform; a local image has only one. */
async function forPlatform(engine: Engine, pinned: PinnedImage, platform?: string): Promise<PinnedImage> {
  if (platform === undefined) return pinned;
  if (!pinned.local || (await engine.imageId(pinned, platform)) !== undefined) return { ...pinned, platform };
  throw new BelayError('image-unknown', `${pinned.ref} on this host is not built for platform ${platform}`, {
    hint: 'build it for that platform, or take platform out of the Compose file',
  });
}
