/** The image with another tag, or pinned to a digest (`sha256:…`). */
export function imageWithVersion(ref: string, version: string | undefined): string {
  if (version === undefined) return ref;
  const repository = ref.replace(/@.*$/, '').replace(/:[^:/]*$/, '');
  return version.startsWith('sha256:') ? `${repository}@${version}` : `${repository}:${version}`;
}
