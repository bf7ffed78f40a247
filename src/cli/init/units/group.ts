import { templateOf } from '../../systemd/names';
import type { Unit } from '../../systemd/unit';

/** Units that make one service: a single one, or those of one template that run. */
export interface UnitGroup {
  name: string;
  template?: string;
  units: Unit[];
}

/** Returns the services that units make, in the order of the units. Pure. */
export function groupsOf(units: Unit[]): UnitGroup[] {
  const groups = new Map<string, UnitGroup>();
  for (const unit of units) {
    const file = templateOf(unit.id);
    const template = file === unit.id ? undefined : file;
    const group = groups.get(file) ?? { name: '', template, units: [] };
    groups.set(file, { ...group, units: [...group.units, unit] });
  }
  const names = new Set<string>();
  return [...groups].map(([file, group]) => {
    const plain = serviceName(file);
    const name = names.has(plain) ? `${plain}-template` : plain;
    names.add(name);
    return { ...group, name };
  });
}

const serviceName = (file: string): string =>
  file
    .replace(/@?\.service$/, '')
    .replace(/[^\w.-]+/g, '-')
    .replace(/^[-.]+/, '') || 'service';

/** A port of an instance, and whether its name says it. */
export interface InstancePort {
  port: number;
  isNamed: boolean;
}

/**
 * Returns the port of an instance: its name, where it listens there; else PORT of its environment, or the one port at
 * which it listens. Undefined if none tells. Pure.
 */
export function instancePort({ id, environment }: Unit, listens: number[]): InstancePort | undefined {
  const named = Number(/@(\d+)\.service$/.exec(id)?.[1]);
  if (listens.includes(named) || (listens.length === 0 && named >= 1024)) return { port: named, isNamed: true };
  const set = Number(environment.PORT);
  if (listens.includes(set) || (listens.length === 0 && set > 0)) return { port: set, isNamed: false };
  return listens.length === 1 ? { port: listens[0]!, isNamed: false } : undefined;
}
