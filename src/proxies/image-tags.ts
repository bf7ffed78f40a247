/** Returns the tag that keeps the image of a managed proxy on the host. */
export const proxyTag = (platform: string, proxy: string, { digest }: { digest: string }): string =>
  `${proxyTags(platform, proxy)}${digest.slice(7, 19)}`;

/** Returns the prefix of all tags of a proxy's images. */
export const proxyTags = (platform: string, proxy: string): string => `belay-proxy/${platform}/${proxy}:`;
