import { composeView } from '../../src/config/compose-view';
import { type ConfigDocument, openDocument } from '../../src/config/document';
import { formats } from '../../src/config/formats';
import { type Migration, migrate } from '../../src/config/migrate';
import { type Rules, rulesOf } from '../../src/config/rules';
import type { Situation } from '../../src/config/situation';
import { specWays } from '../../src/config/ways';
import { configFormat } from '../../src/spec/config-format';

export const noRules: Rules = { rename: {}, drop: [], set: {}, secrets: {}, unset: 'refuse' };

export const opened = (text: string, file = '.env'): ConfigDocument =>
  openDocument({ file, text, format: formats[configFormat(file)!] });

interface Texts {
  live: string;
  example: string;
  was?: string;
  rules?: Partial<Rules>;
  /** Compose files of the two versions. */
  compose?: { was?: string; now: string };
  file?: string;
}

/** A file and its examples, as they are compared. */
export function situation({ live, example, was, rules, compose, file = '.env' }: Texts): Situation {
  return {
    live: opened(live, file),
    example: opened(example, file),
    ...(was !== undefined && { was: opened(was, file) }),
    ways: specWays,
    rules: rulesOf({ ...noRules, ...rules }),
    ...(compose && {
      compose: {
        now: composeView([compose.now], file),
        ...(compose.was !== undefined && { was: composeView([compose.was], file) }),
      },
    }),
  };
}

export const migrated = (texts: Texts): Migration => migrate(situation(texts));

/** Findings as `key kind action`. */
export const said = ({ findings }: Migration): string[] =>
  findings.map(({ key, kind, action }) => `${key} ${kind} ${action}`);
