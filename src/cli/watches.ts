import type { Belay } from '../client';
import type { WatchState } from '../client/watches';
import { asBelayError } from '../errors';
import type { Step, StepOf } from '../model/plan';
import type { ReleaseStatus } from '../model/status';

/** A watch that a release has started. */
export interface Watch extends WatchState {
  workflowId: string;
  /** The tests that it makes, each with its end in ISO 8601. */
  tests: Array<{ name: string; until: string }>;
  /** The command that shows it. */
  command: string;
}

/** Returns the watches of a release. One that Temporal has forgotten is left out. */
export async function watchesOf(belay: Pick<Belay, 'watched'>, status: ReleaseStatus): Promise<Watch[]> {
  const found = await Promise.all(
    startedIn(status).map(async (one): Promise<Watch[]> => {
      const state = await belay.watched(one.workflowId).catch((error: unknown) => {
        if (asBelayError(error).code !== 'input-invalid') throw error;
      });
      return state ? [{ ...one, command: `belay status ${one.workflowId}`, ...state }] : [];
    }),
  );
  return found.flat();
}

const isLater = (step: Step): step is StepOf<'later'> => step.kind === 'later';

/** Returns the watches that the steps of the release have started. Pure. */
function startedIn({ plan, steps }: ReleaseStatus): Array<Pick<Watch, 'workflowId' | 'tests'>> {
  return (plan?.steps ?? []).filter(isLater).flatMap(({ id, tests }) => {
    const { note: workflowId, endedAt } = steps[id] ?? {};
    if (!workflowId?.startsWith('watch/') || endedAt === undefined) return [];
    const until = (time = 0) => new Date(Date.parse(endedAt) + time).toISOString();
    return [{ workflowId, tests: tests.map(({ name, later }) => ({ name, until: until(later) })) }];
  });
}
