import type { Kind } from './messages';
import type { Plan } from './plan';

/** What a running or finished release says of itself: the answer to its `status` query. */
export interface ReleaseStatus {
  version: 1;
  kind: Kind;
  platform: string;
  phase: Phase;
  paused: boolean;
  outcome?: Outcome;
  by: string;
  reason: string;
  /** Absent while the plan is being made. */
  plan?: Plan;
  /** By step id; forward and undo steps. */
  steps: Record<string, StepStatus>;
  /** What a person can do now, most urgent first. */
  waiting: Waiting[];
  /** Why the release turned back, held or failed. */
  cause?: Failure;
  /** What was said to the release, in order. */
  heard: Heard[];
  /** Bytes of images that are gone from the host. */
  freed?: number;
}

export type Phase = 'planning' | 'releasing' | 'held' | 'rolling-back' | 'closed';

export type Outcome =
  /** In the spec. */
  | 'released'
  /** A drop or a prune has taken away what was to go. */
  | 'removed'
  /** Nothing to do. */
  | 'unchanged'
  /** A dry run: the plan was made, and nothing was done. */
  | 'planned'
  /** Back where it was, because somebody asked. */
  | 'rolled-back'
  /** Back where it was, because a step failed. */
  | 'failed'
  /** Back where it was, because an approval was refused. */
  | 'rejected'
  /** Back where it was, because the workflow was cancelled. */
  | 'cancelled'
  /** A failure was left as it stands, by policy. */
  | 'left'
  /** Another release, or a rescue on the host, has taken the services over; nothing was undone. */
  | 'superseded'
  /** An undo failed and was given up: hosts are mixed. */
  | 'incomplete';

export type StepState = 'waiting' | 'running' | 'done' | 'failed' | 'skipped' | 'cancelled' | 'unreachable';

export interface StepStatus {
  state: StepState;
  /** ISO 8601. */
  startedAt?: string;
  endedAt?: string;
  /** Live while it runs, the result when done: `3 in flight`, `exit 0 after 3.1 s`. */
  note?: string;
  failure?: Failure;
  /** It goes on with what it had begun in a run of the workflow before this one. */
  cut?: true;
}

export interface Failure {
  code: string;
  message: string;
  hint?: string;
  step?: string;
  /** The step had changed nothing when it failed. */
  untouched?: true;
}

export interface Waiting {
  kind: 'approval' | 'held' | 'unreachable' | 'paused' | 'queued';
  step?: string;
  /** One sentence: what is waited for, and who may end it. */
  text: string;
  /** The command that ends the wait. */
  command: string;
  /** Another command that ends it, the other way. */
  otherwise?: string;
  /** ISO 8601. */
  since: string;
}

export interface Heard {
  message: string;
  /** Why it has no effect, where it has none; `message` says so too. */
  refused?: string;
  by: string;
  reason: string;
  /** ISO 8601. */
  at: string;
}

/** What a person says to a running release, from the Web UI, the command line or a program. */
export interface Said {
  by?: string;
  reason?: string;
  /** The step meant, by id or by its number in the plan; where absent, every step it can mean. */
  step?: string | number;
}

/** What the workflow returns. */
export interface ReleaseResult {
  outcome: Outcome;
  platform: string;
  /** The revision each service of the plan ended with. */
  revisions: Record<string, number>;
  cause?: Failure;
  /** Services that keep their new revision although the others went back: they write to volumes. */
  stayed?: string[];
  /** Bytes of images that are gone from the host. */
  freed?: number;
  /** On a dry run. */
  plan?: Plan;
}

/** The host that is named has no worker, or there is no host of that name; nothing is begun. */
export const isUnplanned = ({ phase, waiting }: Pick<ReleaseStatus, 'phase' | 'waiting'>): boolean =>
  phase === 'planning' && waiting.some((one) => one.kind === 'unreachable');
