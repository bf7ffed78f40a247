import { type PackedPlan, unpackPlan } from './packed';
import type { Plan } from './plan';
import type { ReleaseStatus, StepStatus } from './status';

/** The changes of a release since a version of its status: the answer to its `changes` query. */
export interface Changes {
  /** The last version in this answer, for the next query; versions grow over all runs of a workflow. */
  upTo: number;
  /** The version in which the plan was made or withdrawn; earlier states of steps belong to another plan. */
  planned: number;
  /** The plan, in an answer of its own, if it is newer than the caller's version. */
  plan?: Plan | PackedPlan;
  status: Omit<ReleaseStatus, 'plan' | 'steps'>;
  /** Changed steps by id. */
  steps: Record<string, StepStatus>;
  /** Set if further changes follow: query again after `upTo`. */
  more?: true;
}

/** A copy of a release's status, kept up to date by its changes. */
export interface Copy {
  /** The version of the copy; 0 at first. */
  readonly upTo: number;
  take(changes: Changes): void;
  status(): ReleaseStatus;
}

/** An empty copy, which changes by `take` alone. */
export function createCopy(): Copy {
  let latest: Changes | undefined;
  let plan: Plan | undefined;
  let steps: Record<string, StepStatus> = {};
  return {
    get upTo() {
      return latest?.upTo ?? 0;
    },
    take(changes) {
      if (changes.planned !== latest?.planned) {
        plan = undefined;
        steps = {};
      }
      if (changes.plan) plan = unpackPlan(changes.plan);
      Object.assign(steps, changes.steps);
      latest = changes;
    },
    status: () => ({ ...latest!.status, ...(plan && { plan }), steps: { ...steps } }),
  };
}
