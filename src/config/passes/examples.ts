import { isDeepStrictEqual } from 'node:util';
import { aboveOf } from '../document';
import { change, type Draft, say } from '../draft';
import { keyOf } from '../keys';
import { exampleOf, type Situation, valueIn } from '../situation';
import { isInsecure, isSecretKey, needsValue, typeOf } from '../values';

/** Keys that the new example has, and the file lacks. One that the old example had too was left out on purpose. */
export function added(situation: Situation, draft: Draft): void {
  const { example, was } = situation;
  for (const [key, { value }] of example.keys) {
    if (draft.values.has(key) || draft.open.has(key) || was?.keys.has(key)) continue;
    if (isInTheWay(situation, draft, key)) continue;
    if (value === null)
      say(draft, { kind: 'no-default', key, action: 'none', hint: 'write its value, if it needs one' });
    else if (!needsValue(value) && !isInsecure(key, value)) add(situation, draft, key, 'added');
    else if (situation.rules.unset === 'default') add(situation, draft, key, 'required');
    else required(situation, draft, key);
  }
}

function add(situation: Situation, draft: Draft, key: string, kind: 'added' | 'required'): void {
  const like = exampleOf(situation, key)!;
  const { value } = like.entry;
  change(draft, { kind: 'add', key, value, like });
  say(draft, { kind, key, to: value, action: 'add' });
}

function required({ rules, live, ways }: Situation, draft: Draft, key: string): void {
  const hint = `write ${key} into ${live.file}${ways.give}; ${ways.unset} takes the example's`;
  say(draft, { kind: 'required', key, action: rules.unset === 'keep' ? 'none' : 'decide', hint });
}

/** A value where the new example has a map, or a map where it has a value. */
function isInTheWay({ example, live }: Situation, draft: Draft, key: string): boolean {
  const { path } = example.keys.get(key)!;
  const above = aboveOf(path).map((one) => keyOf(live.format, one));
  const blocking =
    above.find((one) => ![null, undefined].includes(draft.values.get(one) as null)) ??
    [...live.keys.values()].find(
      (one) => one.path.length > path.length && path.every((name, at) => one.path[at] === name),
    );
  if (blocking === undefined) return false;
  const other = typeof blocking === 'string' ? blocking : keyOf(live.format, blocking.path);
  say(draft, {
    kind: 'in-the-way',
    key,
    other,
    action: 'decide',
    hint: `change ${other} by hand: the new example has ${key}`,
  });
  return true;
}

/** Defaults that have changed: taken over where the file still has the old one. */
export function defaults(situation: Situation, draft: Draft): void {
  const { example, was, rules, live } = situation;
  for (const [key, { value: to }] of example.keys) {
    const from = valueIn(was, key);
    const own = draft.values.get(key);
    const isNew = from === undefined || to === null || isDeepStrictEqual(from, to) || isDeepStrictEqual(own, to);
    if (isNew || !draft.values.has(key) || key in rules.set || key in rules.secrets) continue;
    // A password lives on in the database that was made with it.
    if (isDeepStrictEqual(own, from) && !needsValue(to) && !isSecretKey(key)) {
      change(draft, { kind: 'set', key, value: to, like: exampleOf(situation, key) });
      say(draft, { kind: 'default-changed', key, from, to, action: 'change' });
      continue;
    }
    const [before, now, here] = [from, to, own].map((value) => typeOf(value, live.format));
    const isOther = before && now && here && before !== now && here !== now;
    if (isOther)
      say(draft, { kind: 'type-changed', key, from: before, to: now, action: 'none', hint: `write a ${now}` });
    else say(draft, { kind: 'own-value', key, from, to, action: 'none' });
  }
}

/** Without an old example, a type of the file's own tells. Text is what every value of an env file may be. */
export function types({ example, was, live }: Situation, draft: Draft): void {
  if (was || live.format.flat) return;
  for (const [key, { value }] of example.keys) {
    const [to, from] = [value, draft.values.get(key)].map((one) => typeOf(one, live.format));
    if (from && to && from !== to)
      say(draft, { kind: 'type-changed', key, from, to, action: 'none', hint: `write a ${to}` });
  }
}
