/** What the host keeps the image of a proxy that Belay runs by. */
export const proxyTag = (platform: string, proxy: string, { digest }: { digest: string }): string =>
  `${proxyTags(platform, proxy)}${digest.slice(7, 19)}`;

/** How the tags of all of a proxy's images begin. */
export const proxyTags = (platform: string, proxy: string): string => `belay-proxy/${platform}/${proxy}:`;
