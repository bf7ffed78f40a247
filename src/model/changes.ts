import { type PackedPlan, unpackPlan } from './packed';
import type { Plan } from './plan';
import type { ReleaseStatus, StepStatus } from './status';

/** What has changed in a release since a version of its status: the answer to its `changes` query. */
export interface Changes {
  /** Ask for what comes after it; versions grow over all runs of a workflow. */
  upTo: number;
  /** The version in which the plan was made, or taken back: states of steps before it are of another plan. */
  planned: number;
  /** Where it is newer than what is known; an answer of its own. */
  plan?: Plan | PackedPlan;
  status: Omit<ReleaseStatus, 'plan' | 'steps'>;
  /** By id, those that have changed. */
  steps: Record<string, StepStatus>;
  /** There is more: ask again, after `upTo`. */
  more?: true;
}

/** A copy of a release's status, kept up to date by its changes. */
export interface Copy {
  /** Of which version it is; 0 at first. */
  readonly upTo: number;
  take(changes: Changes): void;
  status(): ReleaseStatus;
}

/** Pure but for itself. */
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
