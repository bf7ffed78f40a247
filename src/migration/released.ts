import type { Source } from '../model/plan';
import { openIncomplete, openProject, type Project } from '../project/project';
import type { ReadExample } from './open';
import { type PendingConfig, pendingConfig } from './pending';

/** The project as the release will have it: its configuration files are at the version's examples. Throws as both. */
export async function openReleased(
  source: Omit<Source, 'versions'>,
  inImage: ReadExample,
): Promise<{ project: Project; pending: PendingConfig }> {
  // A file that the release creates is missing until then.
  const pending = await pendingConfig(openIncomplete(source).project, inImage);
  const texts = Object.fromEntries(pending.files.map(({ name, text }) => [name, text]));
  return { project: openProject(source, texts), pending };
}
