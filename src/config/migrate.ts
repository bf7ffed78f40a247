import { applied } from './apply';
import { type Draft, draftOf } from './draft';
import type { Finding } from './finding';
import { notPassed, unpinned } from './passes/compose';
import { added, defaults, types } from './passes/examples';
import { guessed } from './passes/guesses';
import { insecure, unread } from './passes/leftovers';
import { dropped, given, renamed } from './passes/rules';
import type { Situation } from './situation';

export interface Migration {
  findings: Finding[];
  /** The file as it would be; with open findings, as far as they let it be. */
  text: string;
}

/** Rules come first; what they leave open is compared with the examples. */
const passes: Array<(situation: Situation, draft: Draft) => void> = [
  renamed,
  dropped,
  given,
  unpinned,
  guessed,
  added,
  defaults,
  types,
  insecure,
  unread,
  notPassed,
];

/** What to say about a file between two versions, and the file for the new one. Pure. */
export function migrate(situation: Situation): Migration {
  const draft = draftOf(situation.live);
  for (const pass of passes) pass(situation, draft);
  return { findings: draft.findings, text: applied(situation.live, draft) };
}
