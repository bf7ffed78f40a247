/** Stores of data: Compose keeps them running, and no release replaces them. */
export const stores = [
  'database',
  'cache',
  'message broker',
  'search engine',
  'store of objects',
  'store of configuration',
] as const;

export type Store = (typeof stores)[number];

/** What a service is, as far as its release goes. */
export type Kind = Store | 'one-shot' | 'scheduler' | 'reverse proxy';

/** The weight of evidence: what proves is believed against all else, and `against` takes from what others say. */
export const weights = { proves: 4, alone: 2, second: 1, against: -2, 'rules out': -4 } as const;

export type Weight = keyof typeof weights;

/** The sum of weights from which a kind is decided. */
export const enough = 2;

/** One row of a table of knowledge. */
export interface Clue {
  match: RegExp;
  /** `store`: evidence against all kinds of stores. */
  kind: Kind | 'store';
  weight: Weight;
}

/** A pattern of whole words of a name, between hyphens, underscores and dots. */
export const word = (words: string): RegExp =>
  new RegExp(`(^|[-_.])(${words.trim().replace(/\s+/g, '|')})\\d*($|[-_.])`);

/** A pattern of the last word of a name. */
export const last = (words: string): RegExp => new RegExp(`(^|[-_.])(${words.trim().replace(/\s+/g, '|')})\\d*$`);

/** A pattern of whole names. */
export const whole = (names: string): RegExp => new RegExp(`^(${names.trim().replace(/\s+/g, '|')})$`);
