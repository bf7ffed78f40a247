import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseListeners } from '../../src/cli/systemd/listeners';
import { type Unit, unitOf } from '../../src/cli/systemd/unit';
import { parseProperties } from '../../src/runtimes/systemd/properties';

/** Output that programs gave on a host with systemd 252, where the units of `test/systemd/dspy.ts` ran. */
export const recorded = (name: string): string =>
  readFileSync(join(__dirname, '..', 'fixtures', 'systemd', `${name}.txt`), 'utf8');

export const recordedUnits: Unit[] = parseProperties(recorded('show')).map(unitOf);
export const recordedListeners = parseListeners(recorded('ss'));

/** A recorded unit, with other values where they are given. */
export function recordedUnit(name: string, fields: Partial<Unit> = {}): Unit {
  const unit = recordedUnits.find(({ id }) => id === `${name}.service`);
  if (!unit) throw new Error(`no unit ${name} is recorded`);
  return { ...unit, ...fields };
}
