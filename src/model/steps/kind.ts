import type { InstanceRef, Plan, Step, StepOf } from '../plan';
import type { StepState } from '../status';

/** A kind of step, as planner, walk, page and policies see it. */
export interface Kind<S extends Step = Step> {
  /** `preparing`: before any change to serving instances. `concluding`: with the record and after it. */
  phase: 'preparing' | 'moving' | 'concluding';
  /** Set if the step brings an instance in. */
  entering?: true;
  /** Set if the release has succeeded after this step. */
  decisive?: true;
  /** Set if a person may skip the failed step, or tells of which. */
  skippable?: true | ((step: S) => boolean);
  /** Set if the ledger keeps the step's duration. */
  timed?: true;
  /** The step's title, the same in plan, log, progress and Web UI. */
  describe(step: S): string;
  /**
   * The words after the kind's name in the Web UI's timeline, which repeat neither the name nor the service. `service:
   * title` where absent.
   */
  summary?(step: S): string;
  /**
   * Milliseconds that one attempt may take: the step's own bound, and a margin for a slow engine. Five minutes where
   * absent.
   */
  longest?(step: S): number;
  /** Statements of the step about its instances. */
  facts?(step: S, telling: Telling): Fact[];
}

/** An instance's name, and a statement about it. */
export type Fact = [name: string, text: string];

/** The steps of a plan that switch sets, there and back. Found once for all steps. */
export interface Switches {
  there: Array<StepOf<'switch'>>;
  back: Array<StepOf<'switch'>>;
}

/** Facts about a step at the time it describes its instances. */
export interface Telling {
  plan: Plan;
  switches: Switches;
  state: StepState;
  /** ISO 8601. */
  endedAt?: string;
  /** `live` while the step runs, `done` after it, else its state. */
  said(live: string, done: string): string;
  /** The text with the step's own note. */
  noted(text: string): string;
}

export const minute = 60_000;

/** For a copy of data of any size: a dump, a restore. */
export const longestCopy = 24 * 60 * minute;

export const inTraffic = ({ weight, chosen }: { weight?: number; chosen?: true } = {}): string => {
  if (weight === 0) return 'in traffic for chosen clients';
  return [
    'in traffic',
    ...(chosen ? ['chosen clients'] : []),
    ...(weight === undefined ? [] : [`weight ${weight}`]),
  ].join(', ');
};

/** Instances that a step removes, or keeps warm. */
export const leaving = (step: Step): InstanceRef[] =>
  step.kind === 'retire' ? [step.instance] : step.kind === 'warm' ? step.instances : [];
