import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BelayError } from '../../../errors';
import { removeEmptyFolder, removeFolder } from '../../../hosts/file';
import { hostPaths } from '../../../hosts/home';
import {
  allKeptRevisions,
  changeKeptFiles,
  type KeptFiles,
  type KeptKey,
  keptFiles,
  keptRevisions,
  removeKeptFiles,
} from '../../../hosts/kept-artifacts';
import { removeUnitRecord, unitRecords } from '../../../hosts/unit-records';
import { type Artifact, type PinnedFile, wayToOffer } from '../../../model/artifact';
import { imageWord } from '../../../model/instance-name';
import type { ArtifactStore, KeptArtifact, RevisionKey } from '../../runtime';
import { removeLink } from '../links';
import { giveBackAll } from '../originals';
import { sizeOf } from './copy';
import { contentOf, getContent, isThere } from './get';
import { pinFile, sourceOffers } from './pin';
import { type FileSource, withVersion } from './reference';

interface Store {
  /** BELAY_HOME. */
  home: string;
  /** Throws `engine-unreachable` where systemd does not answer. */
  enter(): Promise<void>;
}

/** Files by their content, below BELAY_HOME; each revision keeps the name of what it runs. */
export function fileStore({ home, enter }: Store): ArtifactStore {
  const isHere = (one: PinnedFile) => isThere(contentOf(home, one));
  const getAndKeep = async (artifact: PinnedFile, key: RevisionKey | undefined, signal?: AbortSignal) => {
    do await getContent({ home, artifact, source: sourceIn(artifact), signal });
    while (key && !(await keep(home, artifact, key)));
  };
  return {
    withVersion,
    async pin(request) {
      await enter();
      return await pinFile(request, isHere);
    },
    async fetch({ artifact, keep: key, signal }) {
      await enter();
      signal?.throwIfAborted();
      await getAndKeep(asFile(artifact), key, signal);
    },
    async carry({ artifact, from, to, signal }) {
      await enter();
      signal?.throwIfAborted();
      if ((await keptFiles({ home }, from))?.found) return;
      await getAndKeep(asFile(artifact), to, signal);
    },
    async where(artifact, key) {
      await enter();
      const found = key && (await keptFiles({ home }, key))?.found;
      if (found && (await areThere(found))) return 'here';
      if (await isHere(asFile(artifact))) return 'here';
      return (await sourceOffers(asFile(artifact)).catch(() => false)) ? 'source' : 'gone';
    },
    async offered(artifact) {
      await enter();
      if (await sourceOffers(asFile(artifact))) return;
      throw new BelayError('image-unknown', `${asFile(artifact).source} is not what that release has run any more`, {
        hint: `${wayToOffer(artifact)}, or release the version that should run`,
      });
    },
    async madeAt(key) {
      await enter();
      return (await keptFiles({ home }, key))?.madeAt;
    },
    async kept(key) {
      await enter();
      return await Promise.all((await keptRevisions({ home }, key)).map((one) => keptArtifact(home, one)));
    },
    async all() {
      await enter();
      const keys = await allKeptRevisions({ home });
      return keys.map((key) => {
        const { platform, service, revision } = key;
        return { platform, word: imageWord(service), revision, tag: tagOf(key) };
      });
    },
    async drop(tag) {
      await enter();
      const key = keyOf(tag);
      return key ? await dropRevision(home, key) : 0;
    },
  };
}

/** Returns false if the content is gone: another revision that had it may be dropped at any moment before. */
async function keep(home: string, artifact: PinnedFile, key: RevisionKey): Promise<boolean> {
  const { sha256 } = artifact;
  const [made, content] = [await madeAtSource(artifact), contentOf(home, artifact)];
  let isKept = false;
  await changeKeptFiles({ home }, key, async (kept) => {
    isKept = await isThere(content);
    if (!isKept) return undefined;
    const { placed = [], links = [], madeAt = made } = kept ?? {};
    return { sha256, bytes: await sizeOf(content), madeAt, placed, links };
  });
  return isKept;
}

async function keptArtifact(home: string, key: KeptKey): Promise<KeptArtifact> {
  const { bytes = 0 } = (await keptFiles({ home }, key)) ?? {};
  return { tag: tagOf(key), revision: key.revision, bytes };
}

const tagOf = ({ platform, service, revision }: KeptKey): string => `${platform}/${service}:r${revision}`;

function keyOf(tag: string): KeptKey | undefined {
  const [, platform, service, revision] = /^([^/]+)\/([^/]+):r(\d+)$/.exec(tag) ?? [];
  return platform && service ? { platform, service, revision: Number(revision) } : undefined;
}

const sourceIn = ({ source, sha256, form = 'file' }: PinnedFile): FileSource => ({ form, place: source, sha256 });

/** True if everything that stood at the paths of units is still kept. */
export const areThere = async (found: NonNullable<KeptFiles['found']>): Promise<boolean> =>
  (await Promise.all(found.map(({ original }) => original === undefined || isThere(original)))).every(Boolean);

/** Throws for what no unit runs. */
function asFile(artifact: Artifact): PinnedFile {
  if (artifact.kind === 'file') return artifact;
  throw new BelayError('unexpected', `${artifact.ref} is an image, and units run files`);
}

async function madeAtSource({ source, form = 'file' }: PinnedFile): Promise<number> {
  const found = form === 'http' || form === 'none' ? undefined : await stat(source).catch(() => undefined);
  return Math.floor(found?.mtimeMs ?? Date.now());
}

/**
 * Removes the revision's copies, the links to them, and the content where no other revision has it. Once no instance of
 * the service is left, its paths are given back. Until then it keeps what stood there before the first release.
 */
async function dropRevision(home: string, key: KeptKey): Promise<number> {
  const kept = await keptFiles({ home }, key);
  if (!kept) return 0;
  if (await isLast(home, key)) {
    await giveBackAll(kept);
    await Promise.all((kept.found ?? []).map(({ unit }) => removeUnitRecord({ home }, unit)));
  } else if (kept.found) return 0;
  for (const link of kept.links) await removeLink(link, kept.placed);
  for (const folder of kept.placed) {
    await removeFolder(folder);
    await removeEmptyFolder(dirname(folder));
    await removeEmptyFolder(dirname(dirname(folder)));
  }
  const freed = await removeKeptFiles({ home }, key, (sha256) => removeFolder(hostPaths(home).artifact(sha256)));
  return kept.found ? 0 : freed;
}

const isLast = async (home: string, { platform, service }: KeptKey): Promise<boolean> =>
  !(await unitRecords({ home })).some(({ identity: one }) => one?.platform === platform && one.service === service);
