import { isDeepStrictEqual } from 'node:util';
import { distance } from 'fastest-levenshtein';
import { type Draft, say } from '../draft';
import { type Situation, valueIn } from '../situation';

/**
 * Keys that are gone and keys that are new, alike and with one default. A guess is never applied. Where the file has a
 * value of its own, it needs a decision: the new key's default would take its place.
 */
export function guessed({ example, was, rules, ways }: Situation, draft: Draft): void {
  if (!was) return;
  const fresh = [...example.keys.keys()].filter((key) => !was.keys.has(key) && !draft.values.has(key));
  const gone = [...was.keys.keys()].filter((key) => !example.keys.has(key) && draft.values.has(key));
  for (const other of gone) {
    const before = valueIn(was, other);
    const alike = fresh.filter((key) => isAlike(other, key) && isDeepStrictEqual(before, valueIn(example, key)));
    const [key] = alike.sort((a, b) => distance(other, a) - distance(other, b));
    if (key === undefined || draft.open.has(key) || other in rules.rename) continue;
    const own = draft.values.get(other);
    const action = isDeepStrictEqual(own, before) ? 'none' : 'decide';
    const hint = `${ways.rename(other, key)}, or ${ways.drop(other)} if they are two things`;
    say(draft, { kind: 'maybe-renamed', key, other, from: own, to: valueIn(example, key), action, hint });
  }
}

/** True if one name holds the other, or at most a third of the letters differ. */
export function isAlike(one: string, other: string): boolean {
  const [a, b] = [plain(one), plain(other)];
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  if (short.length >= 3 && long.includes(short)) return true;
  return distance(a, b) <= Math.floor(long.length / 3);
}

const plain = (key: string): string => key.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
