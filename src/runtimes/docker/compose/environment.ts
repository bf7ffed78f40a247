import type { ComposeProject, ComposeService } from './project';

/** The container's environment, in the order of names; null removes a variable of the image. */
export function environmentOf(
  project: ComposeProject,
  { environment = {} }: ComposeService,
): Record<string, string | null> {
  const all = Object.entries<string | null>({ ...project.given.proxies, ...environment });
  return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
}
