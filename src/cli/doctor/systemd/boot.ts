import { templateOf } from '../../systemd/names';
import { type Check, ok, warn } from '../check';
import type { UnitFacts } from './facts';
import { titleOf } from './title';

/** A unit that starts others. */
export interface Starter {
  id: string;
  /** `enabled`, `disabled`, `static`, … */
  enablement: string;
  startedBy: string[];
}

/** The units that start a unit, and those that start them. */
export interface BootChain {
  /** Target that the machine starts. */
  target: string;
  starters: Starter[];
}

/** Checks if the unit starts with the machine. Pure. */
export function checkBoot({ unit, text, boot }: Pick<UnitFacts, 'unit' | 'text' | 'boot'>): Check[] {
  const title = titleOf(unit.id);
  if (unit.load !== 'loaded') return [];
  const way = wayFrom(unit, boot);
  if (way) return [ok(title, `starts with the machine, by ${way}`)];
  if (unit.enablement === 'disabled')
    return [warn(title, 'does not start with the machine: it is disabled', `systemctl enable ${unit.id}`)];
  const named = unit.startedBy.length > 0 ? unit.startedBy : installedFor(text);
  if (named.length === 0) return [nothing(title, unit.id)];
  const dead = deadEnds(named, boot.starters);
  const names = dead.map(({ id }) => id).join(' and ');
  return [
    warn(
      title,
      `does not start with the machine: it hangs on ${names}, which nothing starts`,
      ...dead.flatMap(({ id, enablement }) => awakening(id, enablement)),
    ),
  ];
}

/** Returns the first starter of the unit that the machine's target starts in the end. */
function wayFrom(unit: Pick<Starter, 'startedBy'>, { target, starters }: BootChain): string | undefined {
  const reaches = (id: string, seen: string[]): boolean =>
    id === target ||
    (!seen.includes(id) &&
      (starters.find((one) => one.id === id)?.startedBy ?? []).some((next) => reaches(next, [...seen, id])));
  return unit.startedBy.find((id) => reaches(id, []));
}

/** Returns the starters that no other one starts. systemd does not know of a target that nothing has loaded. */
function deadEnds(names: string[], starters: Starter[], seen: string[] = []): Starter[] {
  const next = names.filter((name) => !seen.includes(name));
  const found = next.flatMap((id) => {
    const one = starters.find((starter) => starter.id === id) ?? { id, enablement: 'disabled', startedBy: [] };
    return one.startedBy.length === 0 ? [one] : deadEnds(one.startedBy, starters, [...seen, ...next]);
  });
  return found.filter((one, index) => found.findIndex(({ id }) => id === one.id) === index);
}

const installedFor = (text: string): string[] =>
  [...text.matchAll(/^(?:WantedBy|RequiredBy)=(.+)$/gm)].flatMap(([, names]) => names!.trim().split(/\s+/));

const nothing = (title: string, id: string): Check => ({
  ...warn(
    title,
    'does not start with the machine: nothing wants it, and it has no [Install]',
    `systemctl edit --full ${templateOf(id)}, write at its end, then systemctl enable ${id}`,
  ),
  lines: ['[Install]', 'WantedBy=multi-user.target'],
});

const awakening = (id: string, enablement: string): string[] =>
  enablement === 'static'
    ? [`give ${id} an [Install] with WantedBy=multi-user.target, then systemctl enable ${id}`]
    : [`systemctl enable ${id}`];
