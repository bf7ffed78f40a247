/** What is to be done with the keys of a file, as its owner writes it. */
export interface Rules {
  rename: Record<string, string>;
  drop: string[];
  set: Record<string, unknown>;
  /** Values of secrets by key, as read from the host. */
  secrets: Record<string, string>;
  unset: Unset;
}

/** Rules whose keys may have any name, `constructor` too. */
export const rulesOf = ({ rename, set, secrets, ...rest }: Rules): Rules => ({
  ...rest,
  rename: own(rename),
  set: own(set),
  secrets: own(secrets),
});

const own = <T>(record: Record<string, T>): Record<string, T> => Object.assign(Object.create(null), record);

/** For a key that needs a value and has none: no migration, no such key, or the example's value. */
export const unsetChoices = ['refuse', 'keep', 'default'] as const;
export type Unset = (typeof unsetChoices)[number];
