export const findingKinds = [
  'added',
  'required',
  'no-default',
  'removed',
  'renamed',
  'maybe-renamed',
  'default-changed',
  'own-value',
  'type-changed',
  'insecure',
  'unread',
  'not-passed',
  'unpinned',
  'set',
  'secret',
  'dropped',
  'in-the-way',
] as const;
export type FindingKind = (typeof findingKinds)[number];

/** `decide`: a person has to, and nothing is written before. */
export type Action = 'add' | 'change' | 'rename' | 'remove' | 'none' | 'decide';

/** A difference between the examples and the file. Its values may be secrets. */
export interface Finding {
  kind: FindingKind;
  key: string;
  action: Action;
  from?: unknown;
  to?: unknown;
  /** The key that this one had, or perhaps had. */
  other?: string;
  /** Services that it concerns. */
  services?: string[];
  /** What a person can do. */
  hint?: string;
}
