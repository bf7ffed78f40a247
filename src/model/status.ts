import type { Kind } from './messages';
import type { Plan } from './plan';

/** The state of a running or finished release: the answer to its `status` query. */
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
  /** Actions that a person can take now, most urgent first. */
  waiting: Waiting[];
  /** The reason why the release turned back, held or failed. */
  cause?: Failure;
  /** Messages to the release, in order. */
  heard: Heard[];
  /** Bytes of images that were removed from the host. */
  freed?: number;
}

export type Phase = 'planning' | 'releasing' | 'held' | 'rolling-back' | 'closed';

export type Outcome =
  /** The services are as the spec asks. */
  | 'released'
  /** A rollback has brought the services to where it should. */
  | 'reverted'
  /** What was kept warm has ended. */
  | 'retired'
  | 'backed-up'
  /** A drill found nothing that fails it. */
  | 'passed'
  | 'restored'
  /** A drop or a prune has removed its targets. */
  | 'removed'
  /** The release had nothing to do. */
  | 'unchanged'
  /** A dry run: the release made the plan and changed nothing. */
  | 'planned'
  /** The release went back because somebody asked. */
  | 'rolled-back'
  /** The release went back because a step failed. */
  | 'failed'
  /** The release went back because an approver refused. */
  | 'rejected'
  /** The release went back because the workflow was cancelled. */
  | 'cancelled'
  /** The failed step stays as it is, by policy. */
  | 'left'
  /** Another release, or a rescue on the host, has taken the services over; nothing was undone. */
  | 'superseded'
  /** An undo failed and was skipped: the host is in a mixed state. */
  | 'incomplete'
  /** Temporal has ended the workflow, as when somebody terminates it: the host stays as it was at that moment. */
  | 'terminated';

export type StepState = 'waiting' | 'running' | 'done' | 'failed' | 'skipped' | 'cancelled' | 'unreachable';

export interface StepStatus {
  state: StepState;
  /** ISO 8601. */
  startedAt?: string;
  endedAt?: string;
  /** Live while the step runs, the result afterwards: `3 in flight`, `exit 0 after 3.1 s`. */
  note?: string;
  failure?: Failure;
  /** Set if the step began in an earlier run of the workflow, and continues in this one. */
  cut?: true;
  /** How often a person has had it tried again. */
  retried?: number;
  /** Set if it found that nothing is to be done. */
  idle?: true;
  /** Set if a test of the version before failed: why. */
  fails?: string;
}

export interface Failure {
  code: string;
  message: string;
  hint?: string;
  step?: string;
  /** Set if the failed step had changed nothing. */
  untouched?: true;
  /** The name of an instance that something else has removed from its host. */
  gone?: string;
}

export interface Waiting {
  kind: 'approval' | 'held' | 'unreachable' | 'paused' | 'queued';
  step?: string;
  /** One sentence: the reason for the wait, and who may end it. */
  text: string;
  /** The command that ends the wait. */
  command: string;
  /** The command for the other decision. */
  otherwise?: string;
  /** ISO 8601. */
  since: string;
}

export interface Heard {
  message: string;
  /** The reason for no effect; `message` says so too. Absent if the message has one. */
  refused?: string;
  by: string;
  reason: string;
  /** ISO 8601. */
  at: string;
}

/** A person's message to a running release, from the Web UI, the command line or a program. */
export interface Said {
  by?: string;
  reason?: string;
  /** The step, by id or by its number in the plan; absent: every step that the message fits. */
  step?: string | number;
}

/** The workflow's result. */
export interface ReleaseResult {
  outcome: Outcome;
  platform: string;
  /** The final revision of each service in the plan; without those that run nothing now. */
  revisions: Record<string, number>;
  cause?: Failure;
  /** What services went back to, if that is not one revision as it was recorded: `1 × r3, 1 × r5`. */
  found?: Record<string, string>;
  /** Services that keep their new revision although the others went back, because they write to volumes. */
  stayed?: string[];
  /** What it leaves as it is although services went back, in sentences: jobs that ran, files of another version. */
  leaves?: string[];
  /** Bytes of images that were removed from the host. */
  freed?: number;
  /** Milliseconds during which services of a restore did not serve. */
  gap?: number;
  /** Set on a dry run. */
  plan?: Plan;
}

/** True if the release could not plan: its host has no worker, or does not exist. */
export const isUnplanned = ({ phase, waiting }: Pick<ReleaseStatus, 'phase' | 'waiting'>): boolean =>
  phase === 'planning' && waiting.some((one) => one.kind === 'unreachable');
