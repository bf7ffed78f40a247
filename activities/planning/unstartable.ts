import { BelayError } from '../../src/errors';
import type { Project } from '../../src/project/project';
import { unstartable } from '../../src/resolve/unstartable';

/**
 * Throws `spec-invalid` for commands on this host that cannot be started. Returns warnings about those of needs that
 * are not required.
 */
export async function refuseUnstartable(project: Project, services?: string[]): Promise<string[]> {
  const found = await unstartable(project, services);
  const fatal = found.filter(({ need }) => need?.required !== false);
  if (fatal.length > 0)
    throw new BelayError('spec-invalid', fatal.map(({ at, why }) => `${at}: ${why}`).join('; '), {
      hint: `correct the command, or the program; a path counts from ${project.folder} on the host, and a bare name is looked up on the PATH of the worker`,
    });
  return found.map(({ at, why }) => `${at}: ${why}; it is not required`);
}
