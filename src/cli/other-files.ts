import { realpathSync } from 'node:fs';
import { belayHome } from '../hosts/home';
import { hostName } from '../hosts/machine';
import { workersHere } from '../hosts/workers';
import type { Plan } from '../model/plan';
import { listed } from '../spec/sentences';
import type { Context } from './context';
import { filesOf, findProject, readerOf, type SpecPlace } from './project';
import type { ReleaseOptions } from './release-options';

/**
 * Returns a notice if a worker of this machine has planned another folder than that of the command. It reads both:
 * nothing of them travels.
 */
export async function otherFilesNotices(
  context: Context,
  options: ReleaseOptions,
  { host, source }: Pick<Plan, 'host' | 'source'>,
): Promise<string[]> {
  const { platform, file, files, env } = options;
  if (files || (platform !== undefined && file === undefined)) return [];
  const here = findProject(context, { file });
  if (here === undefined || !isOther(source.folder, here) || !(await isHere(host, context))) return [];
  const read = readerOf(source.folder);
  const own = Object.entries(wholeFiles(here, { env, environment: context.env }));
  // Another user's folder is unreadable.
  if (own.every(([name]) => read(name) === undefined)) return [];
  const others = own.flatMap(([name, text]) => (read(name) === text ? [] : [name]));
  const are = others.length === 1 ? 'is' : 'are';
  const said =
    others.length > 0
      ? `whose ${listed(others)} ${are} different: --files sends those files`
      : `which has the same files: env files and what is mounted come from ${source.folder}`;
  return [`this is the plan of ${source.folder} on ${host}, not of ${here}, ${said}`];
}

/** The plan goes by the other folder: files that are missing here are no error. */
function wholeFiles(folder: string, place: SpecPlace): Record<string, string> {
  try {
    return filesOf(folder, place);
  } catch {
    return {};
  }
}

async function isHere(host: string, { env }: Pick<Context, 'env'>): Promise<boolean> {
  if (host === (env.BELAY_HOST ?? hostName())) return true;
  const workers = await workersHere(belayHome(env)).catch(() => []);
  return workers.some((one) => one.host === host);
}

/** True if both folders are on this machine, and are two. */
function isOther(folder: string, here: string): boolean {
  try {
    return realpathSync(folder) !== realpathSync(here);
  } catch {
    return false;
  }
}
