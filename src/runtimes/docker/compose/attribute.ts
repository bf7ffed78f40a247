import type { ComposeProject, ComposeService } from './project';

/** How the spec uses a service of the Compose file. */
export interface CarriedUse {
  /** The spec names an image: the file needs none. */
  hasImage: boolean;
  /** The service has routes: traffic comes by a proxy. */
  routed: boolean;
  /** Belay asks the instances at ports: routes, checks, smoke tests. */
  asked?: boolean;
  /** Container ports of routes through a proxy that Belay runs. */
  fronted?: number[];
  /** Two instances run at the same time while the service is released. */
  together?: boolean;
  /** How many, where the spec says. */
  instances?: number;
}

/** Where a value stands. */
export interface Context {
  project: ComposeProject;
  service: ComposeService;
  use: CarriedUse;
  /** What it is a member of, in a list: a volume, the use of a secret. */
  item?: unknown;
}

/**
 * What becomes of an attribute. `carried`: it becomes the engine's fields named in `as`. `warned`: it is not carried, and
 * nothing is lost at run time. `unneeded`: it says nothing about a running container. `refused`: it would be lost.
 */
export type Fate = 'carried' | 'warned' | 'unneeded' | 'refused';

/** One row of the table. */
export interface Attribute {
  fate: Fate;
  /** The engine's fields, as an inspection shows them; for what is not carried, nothing. */
  as: string[];
  /** Why, and what to do instead. */
  why: string;
  /** Values that fare otherwise. */
  cases: Case[];
}

/** A value that fares otherwise than its attribute. */
export interface Case {
  when: (value: unknown, context: Context) => boolean;
  /** Which values, after the word refused. */
  of: string;
  fate: Exclude<Fate, 'unneeded'>;
  why: string;
  /** The same of this very value, where that says more. */
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
