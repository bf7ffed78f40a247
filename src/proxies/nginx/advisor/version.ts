/** A version of nginx, for example [1, 27, 4]. */
export type Version = [number, number, number];

/** Returns the version in nginx's words; undefined for other words. Pure. */
export function versionIn(words: string): Version | undefined {
  const found = /nginx version: \S*?\/(\d+)\.(\d+)\.(\d+)/.exec(words);
  return found ? [Number(found[1]), Number(found[2]), Number(found[3])] : undefined;
}

/** True for a version that is not known, too. */
export const isFrom = (version: Version | undefined, first: Version): boolean =>
  version === undefined || ordinal(version) >= ordinal(first);

const ordinal = ([major, minor, patch]: Version): number => (major * 1_000 + minor) * 1_000 + patch;
