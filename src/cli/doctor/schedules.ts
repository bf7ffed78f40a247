import { schedulesOf } from '../backups/schedule';
import { withBelay } from '../connect';
import type { Context } from '../context';
import { findProject, readSpec, type WhichPlatform } from '../project';
import { type Check, ok, warn } from './check';

/** Compares when Temporal starts backups and drills with the spec; other checks report a silent Temporal or a wrong spec. */
export async function examineSchedules(context: Context, options: WhichPlatform): Promise<Check[]> {
  const folder = findProject(context, options);
  if (folder === undefined || !hasBackups(context, options, folder)) return [];
  const changes = await withBelay(context, (belay) =>
    belay.schedule({ ...schedulesOf(context, options), look: true }),
  ).catch(() => []);
  return changes.map(({ id, change, kind, cron, timeZone = 'UTC' }) => {
    const wanted = cron === undefined ? 'none' : `${kind} at ${cron} (${timeZone})`;
    if (change === 'same') return ok('schedule', `${id} starts a ${wanted}`);
    return warn('schedule', `${id} is not as belay.yaml says: ${wanted}`, 'belay backup --schedule');
  });
}

function hasBackups(context: Context, { env }: WhichPlatform, folder: string): boolean {
  try {
    return readSpec(folder, { env, environment: context.env }).spec.backups !== undefined;
  } catch {
    return false;
  }
}
