import { isDeepStrictEqual } from 'node:util';
import { change, type Draft, say } from '../draft';
import { exampleOf, type Situation } from '../situation';
import { literal } from '../values';

/** Renames keys. A key that has another value under its new name needs a decision. */
export function renamed({ rules, example }: Situation, draft: Draft): void {
  for (const [from, to] of Object.entries(rules.rename)) {
    // The rule is for a later version while the example has the old name alone.
    const isLater = example.keys.has(from) && !example.keys.has(to);
    if (isLater || !draft.values.has(from)) continue;
    const isGiven = to in rules.set || to in rules.secrets;
    const [before, value] = [draft.values.get(from), draft.values.get(to)];
    const about = { kind: 'renamed', key: to, other: from, from: before } as const;
    if (!draft.values.has(to)) {
      change(draft, { kind: 'rename', key: from, to });
      say(draft, { ...about, to: before, action: 'rename' });
    } else if (isGiven || isDeepStrictEqual(before, value)) {
      change(draft, { kind: 'remove', key: from });
      say(draft, { ...about, to: value, action: 'rename' });
    } else say(draft, { ...about, to: value, action: 'decide', hint: `keep one of ${from} and ${to} in the file` });
  }
}

export function dropped({ rules }: Situation, draft: Draft): void {
  for (const key of rules.drop) {
    if (!draft.values.has(key)) continue;
    say(draft, { kind: 'dropped', key, from: draft.values.get(key), action: 'remove' });
    change(draft, { kind: 'remove', key });
  }
}

/** Gives keys the values that the rules say, those of secrets among them. */
export function given(situation: Situation, draft: Draft): void {
  for (const [key, value] of Object.entries(situation.rules.set)) give(situation, draft, { key, value, kind: 'set' });
  for (const [key, value] of Object.entries(situation.rules.secrets))
    give(situation, draft, { key, value, kind: 'secret' });
}

function give(
  situation: Situation,
  draft: Draft,
  { key, value, kind }: { key: string; value: unknown; kind: 'set' | 'secret' },
): void {
  const to = literal(situation.live.format, value);
  const isThere = draft.values.has(key);
  const from = draft.values.get(key);
  if (isThere && isDeepStrictEqual(from, to)) return;
  const like = exampleOf(situation, key);
  // First as the example has it: with its comment.
  if (!isThere && like) change(draft, { kind: 'add', key, value: like.entry.value, like });
  change(draft, { kind: isThere || like ? 'set' : 'add', key, value: to });
  say(draft, { kind, key, ...(isThere && { from }), to, action: isThere ? 'change' : 'add' });
}
