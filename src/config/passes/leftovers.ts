import { isDeepStrictEqual } from 'node:util';
import { type Draft, say } from '../draft';
import { type Situation, valueIn } from '../situation';
import { isInsecure } from '../values';

/** Values that everybody knows from an example. */
export function insecure({ example, was, ways }: Situation, draft: Draft): void {
  for (const [key, value] of draft.values) {
    const isExample = [example, was].some((one) => one?.keys.has(key) && isDeepStrictEqual(valueIn(one, key), value));
    if (isExample && isInsecure(key, value))
      say(draft, {
        kind: 'insecure',
        key,
        from: value,
        action: 'none',
        hint: `write a value of your own${ways.secret}`,
      });
  }
}

/** Keys of the file that the new example does not have. Compose's own variables, and those that Compose files read, do not count. */
export function unread({ example, was, compose, rules, ways }: Situation, draft: Draft): void {
  const said = new Set(draft.findings.map(({ other }) => other));
  for (const [key, value] of draft.values) {
    if (example.keys.has(key) || said.has(key) || key in rules.set || key in rules.secrets) continue;
    if (/^(COMPOSE|DOCKER)_/.test(key) || compose?.now.variables.includes(key)) continue;
    const kind = was?.keys.has(key) ? 'removed' : 'unread';
    say(draft, { kind, key, from: value, action: 'none', hint: `${ways.drop(key)} takes it out` });
  }
}
