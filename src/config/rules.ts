/** What is to be done with the keys of a file, as its owner writes it. */
export interface Rules {
  rename: Record<string, string>;
  drop: string[];
  set: Record<string, unknown>;
  /** Values of secrets by key, as read from the host. */
  secrets: Record<string, string>;
  unset: Unset;
}

/** For a key that needs a value and has none: no migration, no such key, or the example's value. */
export const unsetChoices = ['refuse', 'keep', 'default'] as const;
export type Unset = (typeof unsetChoices)[number];
