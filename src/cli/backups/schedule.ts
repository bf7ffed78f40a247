import type { ScheduleChange, ScheduledKind, Schedules, Times } from '../../client/schedules';
import { BelayError } from '../../errors';
import type { BackupSchedule } from '../../spec/backups';
import { withBelay } from '../connect';
import type { Context } from '../context';
import { exitCodes } from '../exit-codes';
import { jsonLine } from '../json-lines';
import { basePlatform, needProject, platformOf, readSpec, type WhichPlatform } from '../project';

/** Has Temporal start backups and drills at the times of the folder's spec, and tells what changed. */
export async function scheduleBackups(
  context: Context,
  options: WhichPlatform & { host?: string; json?: boolean },
): Promise<number> {
  const wanted = schedulesOf(context, options);
  const { platform } = wanted;
  const changes = await withBelay(context, (belay) => belay.schedule(wanted));
  const { terminal } = context;
  terminal.out(options.json ? jsonLine('schedules', { platform, schedules: changes }) : textOf(platform, changes));
  return exitCodes.ok;
}

/** The schedules that the folder's spec asks for. Throws `spec-invalid` where there would be nothing to do. */
export function schedulesOf(context: Context, options: WhichPlatform & { host?: string }): Schedules {
  const { env, host } = options;
  const { spec } = readSpec(needProject(context, options), { env, environment: context.env });
  const schedule = spec.backups?.schedule;
  refuseEmpty(
    schedule,
    Object.values(spec.services).some(({ backup }) => backup.length > 0),
  );
  const request = {
    platform: basePlatform(context, options),
    ...(env !== undefined && { env }),
    ...(host !== undefined && { host }),
    by: 'schedule',
  };
  return { platform: platformOf(context, options), request, times: timesOf(schedule) };
}

function timesOf(schedule: BackupSchedule = {}): Partial<Record<ScheduledKind, Times>> {
  const { backup, drill, time_zone: timeZone } = schedule;
  const zone = timeZone !== undefined && { timeZone };
  return { ...(backup && { backup: { cron: backup, ...zone } }), ...(drill && { drill: { cron: drill, ...zone } }) };
}

function refuseEmpty(schedule: BackupSchedule | undefined, hasBackups: boolean): void {
  if (hasBackups || !(schedule?.backup || schedule?.drill)) return;
  throw new BelayError('spec-invalid', 'backups.schedule: no service has anything to back up', {
    hint: 'write backup: [{ postgres: {} }] into a service',
  });
}

/** What changed, one line each. Pure. */
export function textOf(platform: string, changes: ScheduleChange[]): string {
  if (changes.length === 0) return `${platform}: belay.yaml has no backups.schedule, and Temporal starts none`;
  return changes.map(lineOf).join('\n');
}

function lineOf({ id, kind, change, cron, timeZone = 'UTC' }: ScheduleChange): string {
  const done = { created: 'is new', changed: 'was changed', removed: 'was removed', same: 'is as it was' }[change];
  return cron === undefined
    ? `${id} ${done}: no ${kind} starts by itself`
    : `${id} ${done}: ${kind} at ${cron} (${timeZone})`;
}
