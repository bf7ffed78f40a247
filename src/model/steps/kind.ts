import type { InstanceRef, Plan, Step, StepOf } from '../plan';
import type { StepState } from '../status';

/** All that planner, walk, page and policies know of a kind of step. */
export interface Kind<S extends Step = Step> {
  /** Preparing comes before anything that serves is changed, and concluding with the record and after it. */
  phase: 'preparing' | 'moving' | 'concluding';
  /** With it an instance has come in. */
  entering?: true;
  /** With it a release succeeds. */
  decisive?: true;
  /** A person may skip it where it failed. */
  skippable?: true;
  /** The ledger keeps how long it took. */
  timed?: true;
  /** One line, the same in plan, log, progress and Web UI. */
  describe(step: S): string;
  /** Milliseconds that one attempt may take: what the step itself allows, and a margin for a slow engine; five minutes where absent. */
  longest?(step: S): number;
  /** What it says of the instances it is about. */
  facts?(step: S, telling: Telling): Fact[];
}

/** An instance by its name, and what is said of it. */
export type Fact = [name: string, text: string];

/** Of a plan: where each of its ways switches from one set to another. Found once for all of its steps. */
export interface Switches {
  there: Array<StepOf<'switch'>>;
  back: Array<StepOf<'switch'>>;
}

/** What is known of a step when it tells of its instances. */
export interface Telling {
  plan: Plan;
  switches: Switches;
  state: StepState;
  /** ISO 8601. */
  endedAt?: string;
  /** The one while it runs, the other when it is done, else its state. */
  said(live: string, done: string): string;
  /** With the step's own note. */
  noted(text: string): string;
}

export const minute = 60_000;

export const inTraffic = (weight?: number): string =>
  weight === undefined ? 'in traffic' : `in traffic, weight ${weight}`;

/** Instances that a step takes away, or keeps warm. */
export const leaving = (step: Step): InstanceRef[] =>
  step.kind === 'retire' ? [step.instance] : step.kind === 'warm' ? step.instances : [];
