import type { PlannedService } from '../model/desired';
import type { InstanceRef } from '../model/plan';
import { timeText } from '../model/quantities';
import { isRemoval } from '../model/task';

/** The service after the end of the release. */
export interface EndState {
  /** Instances in traffic; Compose may want to replace some. */
  instances: Array<Pick<InstanceRef, 'name' | 'uncounted'> & { outdated?: true }>;
  /** The warm set, and its time in milliseconds. */
  warm?: { instances: InstanceRef[]; time: number };
  /** True if the release still has to start some of them. */
  ahead?: true;
  /** Number of instances that should run and do not; absent: none. */
  missing?: number;
}

/** Returns the changes that `docker compose up` would make after the release, each with a remedy; empty without any. */
export function composeWarnings(
  { service, compose, task }: Pick<PlannedService, 'service' | 'compose' | 'task'>,
  { instances, warm, ahead, missing = 0 }: EndState,
): string[] {
  if (!compose || isRemoval({ task })) return [];
  const { scale } = compose;
  const all = instances.length;
  const counted = instances.filter(({ uncounted }) => !uncounted).length;
  const outdated = instances.filter((one) => one.outdated).map(({ name }) => name);
  const line = `write scale: ${all} for it in the Compose file (or replicas: ${all} under deploy)`;
  return [
    missing > 0 &&
      counted < scale &&
      `${missing} of its instances ${missing === 1 ? 'does' : 'do'} not run, and docker compose up would start its own instead, past every proxy: belay restart --service ${service} first`,
    missing === 0 &&
      counted < scale &&
      `docker compose up would start ${scale - counted} more of it, for the Compose file says ${scale}: ${line}`,
    counted > scale &&
      `docker compose up would remove ${counted - scale} of its ${all} instances, for the Compose file says ${scale}: ${line}`,
    missing === 0 &&
      counted === scale &&
      counted < all &&
      `the Compose file says ${scale}, and ${all} ${ahead ? 'are to run. docker compose up will leave them alone; docker compose ps will show' : 'run. docker compose up leaves them alone; docker compose ps shows'} ${all - scale} of them only with --all: ${line}`,
    outdated.length > 0 &&
      `docker compose up would replace ${outdated.join(', ')}, because the Compose file or its image has changed since they started: belay restart --service ${service} first`,
    warm &&
      `while the former set is kept warm (${timeText(warm.time)}), docker compose up would remove ${warm.instances.length} of the instances of both sets: name other services then (docker compose up -d NAME), or write warm: 0s`,
  ].filter((text) => typeof text === 'string');
}

/**
 * Returns a warning against `docker compose up` during the release. It would replace former instances, because their
 * Compose file has changed. Services share its words, so that a plan says it once.
 */
export function meanwhileWarnings(
  { compose, task }: Pick<PlannedService, 'compose' | 'task'>,
  seen: Array<{ outdated?: true }>,
): string[] {
  if (!compose || isRemoval({ task }) || !seen.some(({ outdated }) => outdated)) return [];
  return [
    'do not run docker compose up before this release has ended: by the changed Compose files it would replace the instances that run now. A rollback would then wait for a person',
  ];
}
