/** A revision's image or file, with an identity that cannot change. */
export type Artifact = PinnedImage | PinnedFile;

/** An image with an identity that cannot change: a registry digest, or the engine's image id for a local image. */
export interface PinnedImage {
  /** Absent in most records, as an artifact without a kind is an image. */
  kind?: 'image';
  /** The reference as the user wrote it: `registry/shop/api:2.4.1`. */
  ref: string;
  /** `sha256:…`: the digest of the manifest in the registry, or the image's id where `local`. */
  digest: string;
  /** True if only this engine has the image, so that it cannot be pulled. */
  local: boolean;
  /** The platform among several under the digest: `linux/amd64`. */
  platform?: string;
}

/** A file that a process runs, or several, by their content. */
export interface PinnedFile {
  kind: 'file';
  /** The path or name as the user wrote it: `./dist/worker`. */
  source: string;
  /** The digest of its content: 64 hexadecimal digits. */
  sha256: string;
  /** The kind of source; one file on the host where absent. */
  form?: 'file' | 'folder' | 'archive' | 'http' | 'none';
}

/** The artifact's name, as the user wrote it; empty if it was lost. */
export const artifactName = (one: Artifact): string => (one.kind === 'file' ? one.source : one.ref);

/** The identity of its content: `sha256:…`; empty if it is unknown. */
export const artifactDigest = (one: Artifact): string => (one.kind === 'file' ? `sha256:${one.sha256}` : one.digest);

/** A reference that tells two versions of it apart: the image's own, or the file's name with its digest. */
export const artifactRef = (one: Artifact): string =>
  one.kind === 'file' ? `${one.source}@${artifactDigest(one)}` : one.ref;

export const isSameArtifact = (one: Artifact, other: Artifact): boolean =>
  artifactDigest(one) === artifactDigest(other);

/** True if only this host has it, so that it cannot be fetched again. */
export const isOnlyHere = (one: Artifact): boolean => one.kind !== 'file' && one.local;

/** The act by which its source has it again, for hints. */
export const wayToOffer = (one: Artifact): string =>
  one.kind === 'file' ? offers[one.form ?? 'file'] : 'push it again';

const offers: Record<NonNullable<PinnedFile['form']>, string> = {
  file: 'put that file there again',
  folder: 'put that folder there again',
  archive: 'put that archive there again',
  http: 'publish that file at its address again',
  none: 'release the service again',
};

/** The word for its kind, in columns and reasons. */
export const artifactWord = ({ kind = 'image' }: Artifact): 'image' | 'file' => kind;

/** The artifact of a revision whose own is lost. */
export const lostArtifact: Artifact = { ref: '', digest: '', local: true };
