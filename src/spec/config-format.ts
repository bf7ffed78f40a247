export type ConfigFormat = 'env' | 'yaml' | 'toml' | 'json';

const endings: Array<[RegExp, ConfigFormat]> = [
  [/\.ya?ml$/i, 'yaml'],
  [/\.toml$/i, 'toml'],
  [/\.jsonc?$/i, 'json'],
  [/(^|\.)env(\.[\w-]+)*$/i, 'env'],
];

/** The format of a configuration file, by its name; undefined for another ending. */
export function configFormat(file: string): ConfigFormat | undefined {
  const name = file.split('/').at(-1)!;
  return endings.find(([ending]) => ending.test(name))?.[1];
}

export const configEndings = '.env, .yaml, .toml or .json';
