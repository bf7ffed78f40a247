import { bad, type Check, ok, warn } from '../check';
import type { UnitFacts } from './facts';
import { editing, titleOf } from './title';

/** Checks if the unit's user and groups exist, and if it is not root. Pure. */
export function checkUser({ unit, unknown }: Pick<UnitFacts, 'unit' | 'unknown'>): Check[] {
  const title = titleOf(unit.id);
  const missing = [
    ...unknown.users.map((name) => bad(title, `user ${name} does not exist`, making(name))),
    ...unknown.groups.map((name) => bad(title, `group ${name} does not exist`, `groupadd --system ${name}`)),
  ];
  return missing.length > 0 ? missing : [known(title, unit)];
}

function known(title: string, { id, user, group, isDynamicUser }: UnitFacts['unit']): Check {
  if (isDynamicUser) return ok(title, 'runs as a user that systemd makes for it');
  if (['', 'root', '0'].includes(user))
    return {
      ...warn(title, 'runs as root', `${making('NAME')}; then ${editing(id)}`),
      lines: ['[Service]', 'User=NAME', 'Group=NAME'],
    };
  if (user === 'nobody')
    return warn(
      title,
      'runs as nobody, who may share files and processes with other services',
      `give it a user of its own: ${making('NAME')}`,
    );
  return ok(title, `runs as ${user}${group && group !== user ? `, group ${group}` : ''}`);
}

const making = (name: string): string => `useradd --system --no-create-home --shell /usr/sbin/nologin ${name}`;
