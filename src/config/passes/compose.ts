import { type Draft, say } from '../draft';
import type { ComposeService, Situation } from '../situation';

/** Tags that a renamed variable would let go: the image has another variable now, with a floating default. */
export function unpinned({ compose, rules, ways }: Situation, draft: Draft): void {
  for (const [service, { before, now }] of pairs(compose)) {
    const [was, is] = [variablesOf(before.image), variablesOf(now.image)];
    if (was.skeleton !== is.skeleton) continue;
    for (const [index, { name, otherwise }] of is.variables.entries()) {
      const other = was.variables[index]!.name;
      const pin = draft.values.get(other);
      const isLost = other !== name && draft.values.has(other) && !draft.values.get(name) && isFloating(otherwise);
      if (!isLost || draft.open.has(name) || rules.drop.includes(other)) continue;
      const hint = ways.rename(other, name);
      const to = otherwise || 'latest';
      say(draft, { kind: 'unpinned', key: name, other, from: pin, to, services: [service], action: 'decide', hint });
    }
  }
}

/** Keys that reached a service by the file alone, which its `env_file` no longer names. */
export function notPassed({ compose, live, was, example, rules }: Situation, draft: Draft): void {
  const lost = new Map<string, string[]>();
  const isOld = (key: string): boolean => !was || was.keys.has(key) || !example.keys.has(key);
  const had = [...live.keys.keys()].flatMap((key) => {
    const name = rules.rename[key] ?? key;
    return isOld(key) && draft.values.has(name) ? [name] : [];
  });
  for (const [service, { before, now }] of pairs(compose)) {
    if (!before.takesFile || now.takesFile) continue;
    for (const key of had) if (!now.environment.includes(key)) lost.set(key, [...(lost.get(key) ?? []), service]);
  }
  for (const [key, services] of lost) {
    const hint = 'name the file under env_file again, or the key under environment';
    say(draft, { kind: 'not-passed', key, services, action: 'none', hint });
  }
}

/** The services that both versions have. */
function pairs(compose: Situation['compose']): Array<[string, { before: ComposeService; now: ComposeService }]> {
  const { was, now } = compose ?? {};
  return Object.entries(was?.services ?? {}).flatMap(([name, before]) => {
    const same = now?.services[name];
    return same ? [[name, { before, now: same }]] : [];
  });
}

const isFloating = (tag: string): boolean => /^(?:|latest|main|master|stable|edge|nightly|dev)$/.test(tag);

/** An image's variables with their defaults, and the rest of its name. */
export function variablesOf(image = '') {
  const pattern = /\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::?[-?+]([^{}]*))?\})/g;
  const variables = [...image.matchAll(pattern)].map(([, short, long, otherwise = '']) => ({
    name: (short ?? long)!,
    otherwise,
  }));
  return { skeleton: image.replace(pattern, '$'), variables };
}
