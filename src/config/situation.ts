import type { ConfigDocument } from './document';
import type { Example } from './draft';
import type { Rules } from './rules';
import type { Ways } from './ways';

/** All that a migration goes by. */
export interface Situation {
  live: ConfigDocument;
  /** The new version's example. */
  example: ConfigDocument;
  /** The old version's example, if it is known. */
  was?: ConfigDocument;
  rules: Rules;
  ways: Ways;
  compose?: ComposeChange;
}

/** The Compose files of the old and the new version, as far as they tell of the file. */
export interface ComposeChange {
  was?: ComposeView;
  now: ComposeView;
}

export interface ComposeView {
  /** Names of variables that the files take in. */
  variables: string[];
  services: Record<string, ComposeService>;
}

export interface ComposeService {
  image?: string;
  /** True if the file is one of its env files. */
  takesFile: boolean;
  /** Names of its own environment. */
  environment: string[];
}

export const valueIn = (document: ConfigDocument | undefined, key: string): unknown => document?.keys.get(key)?.value;

/** The entry of a key in the new example, to be written like it. */
export function exampleOf({ example }: Pick<Situation, 'example'>, key: string): Example | undefined {
  const entry = example.keys.get(key);
  return entry && { document: example, entry };
}
