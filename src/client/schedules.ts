import { isDeepStrictEqual } from 'node:util';
import { status } from '@grpc/grpc-js';
import {
  type Client,
  isGrpcServiceError,
  type ScheduleDescription,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { BelayError } from '../errors';
import type { BackupRequest } from '../model/requests';
import { summaryOf } from './naming';

/** Workflows that Temporal starts by itself. */
export const scheduledKinds = ['backup', 'drill'] as const;
export type ScheduledKind = (typeof scheduledKinds)[number];

/** Times as in cron; UTC without a time zone. */
export interface Times {
  cron: string;
  timeZone?: string;
}

export interface ScheduleChange extends Partial<Times> {
  id: string;
  kind: ScheduledKind;
  change: 'created' | 'changed' | 'removed' | 'same';
}

export interface Schedules {
  /** The platform's full name. */
  platform: string;
  request: BackupRequest;
  times: Partial<Record<ScheduledKind, Times>>;
  /** Set to change nothing, and only tell what would change. */
  look?: true;
}

/** The drill that Temporal starts restores backups. */
const own: Record<ScheduledKind, object> = { backup: {}, drill: { restore: true } };

export const scheduleId = (kind: ScheduledKind, platform: string): string => `belay-${kind}-${platform}`;

/** Ensures that Temporal starts what `times` names, and nothing else for the platform. A paused schedule stays paused. */
export async function seekSchedules(client: Client, wanted: Schedules): Promise<ScheduleChange[]> {
  const changes: ScheduleChange[] = [];
  for (const kind of scheduledKinds) changes.push(...(await seek(client, kind, wanted)));
  return changes;
}

async function seek(
  client: Client,
  kind: ScheduledKind,
  { platform, request: common, times, look }: Schedules,
): Promise<ScheduleChange[]> {
  const request = { ...common, ...own[kind] };
  const id = scheduleId(kind, platform);
  const handle = client.schedule.getHandle(id);
  const found = await describe(client, id);
  const due = times[kind];
  const said = (change: ScheduleChange['change']) => [{ id, kind, change, ...due }];
  if (!due && !found) return [];
  if (!due) {
    if (!look) await handle.delete();
    return said('removed');
  }
  const options = optionsOf(kind, { platform, request, times: due });
  if (!found) {
    if (!look) await accepted(kind, due, client.schedule.create({ scheduleId: id, ...options }));
    return said('created');
  }
  // Who only looks need not know the host.
  const host = look && hostIn(found);
  if (isSame(found, { request: { ...request, ...host }, times: due })) return said('same');
  const update = () => handle.update(({ state }) => ({ ...options, state }));
  if (!look) await accepted(kind, due, update());
  return said('changed');
}

/** Throws `spec-invalid` for times that Temporal refuses, such as a minute 99. */
async function accepted(kind: ScheduledKind, { cron }: Times, change: Promise<unknown>): Promise<void> {
  await change.catch((error: unknown) => {
    const why = refusalIn(error);
    if (why === undefined) throw error;
    throw new BelayError('spec-invalid', `backups.schedule.${kind}: Temporal refuses "${cron}": ${why}`, {
      hint: "write minute, hour, day, month and weekday, such as '0 3 * * *'",
      cause: error,
    });
  });
}

/** The client has an error of its own for a new schedule, and the server's for a changed one. */
function refusalIn(error: unknown): string | undefined {
  if (error instanceof TypeError) return error.message;
  const cause = error instanceof Error ? error.cause : undefined;
  return isGrpcServiceError(cause) && cause.code === status.INVALID_ARGUMENT ? cause.details : undefined;
}

async function describe(client: Client, id: string): Promise<ScheduleDescription | undefined> {
  return await client.schedule
    .getHandle(id)
    .describe()
    .catch((error: unknown) => {
      if (error instanceof ScheduleNotFoundError) return undefined;
      throw error;
    });
}

function hostIn({ action }: ScheduleDescription): { host?: string } {
  const { host } = (action.args?.[0] ?? {}) as { host?: string };
  return host === undefined ? {} : { host };
}

type One = Pick<Schedules, 'request'> & { times: Times };

/** Temporal keeps times in a form of its own, with the comment after `#`. */
const isSame = ({ spec, action }: ScheduleDescription, { request, times }: One): boolean =>
  spec.calendars?.length === 1 &&
  spec.calendars[0]!.comment === times.cron &&
  (spec.timezone ?? 'UTC') === (times.timeZone ?? 'UTC') &&
  isDeepStrictEqual(action.args, [request]);

const optionsOf = (
  kind: ScheduledKind,
  { platform, request, times: { cron, timeZone = 'UTC' } }: One & { platform: string },
) => ({
  spec: { cronExpressions: [`${cron} # ${cron}`], timezone: timeZone },
  // One that lasts into the next time leaves that one out; what was missed for long is not made up for.
  policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1h' },
  action: {
    type: 'startWorkflow' as const,
    workflowType: kind,
    workflowId: `${kind}/${platform}/scheduled`,
    taskQueue: 'belay',
    args: [request],
    staticSummary: summaryOf(kind, request),
  },
});
