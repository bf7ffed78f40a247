import type { ComposeProject, ComposeService } from './project';

/** What a container gets, in the order of the names; null: taken out of the image's environment. */
export function environmentOf(
  project: ComposeProject,
  { environment = {} }: ComposeService,
): Record<string, string | null> {
  const all = Object.entries<string | null>({ ...project.given.proxies, ...environment });
  return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
}
