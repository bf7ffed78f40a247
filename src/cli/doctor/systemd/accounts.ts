import { runProgram } from '../../../run-program';
import type { Unit } from '../../systemd/unit';
import type { UnitFacts } from './facts';

/** Returns users and groups of the unit that this machine does not have. */
export async function unknownAccounts(unit: Unit): Promise<UnitFacts['unknown']> {
  if (unit.isDynamicUser) return { users: [], groups: [] };
  const groups = [unit.group, ...unit.groups];
  return { users: await unknown('passwd', [unit.user]), groups: await unknown('group', groups) };
}

async function unknown(database: string, names: string[]): Promise<string[]> {
  const named = names.filter((name) => name !== '');
  const known = await Promise.all(named.map((name) => isKnown(database, name)));
  return named.filter((_, index) => !known[index]);
}

/** getent asks every source of accounts, and ends with 2 for an unknown one. */
async function isKnown(database: string, name: string): Promise<boolean> {
  const { code } = await runProgram({ command: 'getent', args: [database, name], timeout: 10_000 });
  return code !== 2;
}
