import type { UnitState } from './unit-state';
import { type SystemdHost, showUnits } from './units';

/** Active units that a job of a service's units reaches too. Targets do nothing themselves, so none is among them. */
export interface Dependents {
  /** A restart restarts them, and a stop stops them. */
  restarted: string[];
  /** Only a stop stops them. */
  stopped: string[];
  /** A start stops them. */
  conflicting: string[];
  /** They start the unit again whenever it has stopped. */
  upholding: string[];
}

type Next = (state: UnitState) => string[];

export async function dependentsOf(host: Pick<SystemdHost, 'ctl'>, states: UnitState[]): Promise<Dependents> {
  const restarted = await reached(host, states, ({ requiredBy }) => requiredBy);
  const stopped = await reached(host, states, ({ requiredBy, stopsToo }) => [...requiredBy, ...stopsToo]);
  return {
    restarted,
    stopped: stopped.filter((one) => !restarted.includes(one)),
    conflicting: await nextTo(host, states, ({ conflicts }) => conflicts),
    upholding: await nextTo(host, states, ({ upheldBy }) => upheldBy),
  };
}

/** The job of a unit goes on to the units behind it. */
async function reached(host: Pick<SystemdHost, 'ctl'>, from: UnitState[], next: Next): Promise<string[]> {
  const seen = new Set(from.map(({ id }) => id));
  const found: string[] = [];
  for (let at = from; at.length > 0; ) {
    const names = [...new Set(at.flatMap(next))].filter((name) => !seen.has(name));
    for (const name of names) seen.add(name);
    at = (await showUnits(host, names)).filter(isActive);
    found.push(...at.map(({ id }) => id));
  }
  return found.filter(isNoTarget).sort();
}

async function nextTo(host: Pick<SystemdHost, 'ctl'>, states: UnitState[], next: Next): Promise<string[]> {
  const found = await showUnits(host, [...new Set(states.flatMap(next))]);
  return found
    .filter(isActive)
    .map(({ id }) => id)
    .filter(isNoTarget)
    .sort();
}

const isActive = ({ active }: UnitState): boolean => !['inactive', 'failed'].includes(active);
const isNoTarget = (name: string): boolean => !name.endsWith('.target');
