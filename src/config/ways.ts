/** How people say a rule: in the spec, or by options of the command. */
export interface Ways {
  rename(from: string, to: string): string;
  drop(key: string): string;
  /** Takes the example's value for keys that need one. */
  unset: string;
  /** Other ways than the file to give a key its value; empty for none. */
  give: string;
  /** Other ways than the file to give a key a secret; empty for none. */
  secret: string;
}

export const specWays: Ways = {
  rename: (from, to) => `write rename: { ${from}: ${to} }`,
  drop: (key) => `drop: [${key}]`,
  unset: 'unset: default',
  give: ', or give it by set or from_secret',
  secret: ', or from_secret',
};

export const optionWays: Ways = {
  rename: (from, to) => `give --rename ${from}=${to}`,
  drop: (key) => `--drop ${key}`,
  unset: '--unset default',
  give: '',
  secret: '',
};
