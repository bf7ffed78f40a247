import type { CarriedUse } from '../../../spec/compose-uses';
import type { ComposeProject, ComposeService } from './project';

/** The place of a value. */
export interface Context {
  project: ComposeProject;
  service: ComposeService;
  use: CarriedUse;
  /** The list item that contains it: a volume, the use of a secret. */
  item?: unknown;
}

/**
 * The treatment of an attribute. `carried`: it becomes the engine's fields in `as`. `warned`: it is not carried over,
 * without loss at run time. `unneeded`: it does not concern a running container. `refused`: it would be lost.
 */
export type Fate = 'carried' | 'warned' | 'unneeded' | 'refused';

/** One row of the table. */
export interface Attribute {
  fate: Fate;
  /** The engine's fields, as an inspection shows them; empty for an attribute that is not carried over. */
  as: string[];
  /** The reason, and what to do instead. */
  why: string;
  /** Values with another treatment. */
  cases: Case[];
}

/** A value with another treatment than its attribute. */
export interface Case {
  when: (value: unknown, context: Context) => boolean;
  /** The values, in words that follow "refused". */
  of: string;
  fate: Exclude<Fate, 'unneeded'>;
  why: string;
  /** A text for the very value, where that says more. */
  tell?: (value: unknown, context: Context) => string;
}

export const carried = (as: string | string[], ...cases: Case[]): Attribute => ({
  fate: 'carried',
  as: [as].flat(),
  why: '',
  cases,
});
export const refused = (why: string, ...cases: Case[]): Attribute => ({ fate: 'refused', as: [], why, cases });
export const warned = (why: string, ...cases: Case[]): Attribute => ({ fate: 'warned', as: [], why, cases });
export const unneeded = (why: string, ...cases: Case[]): Attribute => ({ fate: 'unneeded', as: [], why, cases });

export const refuse = (of: string, when: Case['when'], why: string): Case => ({ of, when, fate: 'refused', why });
export const carry = (of: string, when: Case['when']): Case => ({ of, when, fate: 'carried', why: '' });
export const warn = (of: string, when: Case['when'], why: string): Case => ({ of, when, fate: 'warned', why });
