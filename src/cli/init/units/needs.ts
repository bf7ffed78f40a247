import type { UnitGroup } from './group';

interface Need {
  service: string;
  /** Settings of the unit that say so: `Requires=`, `After=`. */
  by: string[];
}

/** Returns the services that each service needs, as the units name each other. No need makes a circle. Pure. */
export function needsOf(groups: UnitGroup[]): Record<string, Need[]> {
  const found: Record<string, Need[]> = Object.fromEntries(groups.map(({ name }) => [name, []]));
  const leads = (from: string, to: string): boolean =>
    from === to || (found[from] ?? []).some(({ service }) => leads(service, to));
  const all = groups.flatMap((group) =>
    groups
      .filter((other) => other !== group)
      .map((other) => ({ from: group.name, to: other.name, by: by(group, other) })),
  );
  // An order that systemd keeps itself comes before one that it does not.
  const ordered = all.filter((one) => one.by.includes('After='));
  for (const { from, to, by } of [...ordered, ...all.filter((one) => !ordered.includes(one) && one.by.length > 0)])
    if (!leads(to, from)) found[from]!.push({ service: to, by });
  return found;
}

function by({ units }: UnitGroup, other: UnitGroup): string[] {
  const names = other.units.map(({ id }) => id);
  const has = (list: (unit: UnitGroup['units'][number]) => string[]) =>
    units.some((unit) => list(unit).some((name) => names.includes(name)));
  return [
    ...(has(({ requires }) => requires) ? ['Requires='] : []),
    ...(has(({ wants }) => wants) ? ['Wants='] : []),
    ...(has(({ after }) => after) ? ['After='] : []),
  ];
}
