import { isLoopback, listenersIn, portsOf } from '../../systemd/listeners';
import { type Check, ok, warn } from '../check';
import type { UnitFacts } from './facts';
import { letIn } from './firewall';
import { titleOf } from './title';

/** Checks at which addresses the unit listens. Pure. */
export function checkListens({
  unit,
  listeners,
  firewall,
}: Pick<UnitFacts, 'unit' | 'listeners' | 'firewall'>): Check[] {
  const title = titleOf(unit.id);
  if (unit.active !== 'active') return [];
  if (!listeners)
    return [
      warn(title, 'its listening sockets cannot be seen: ss --cgroup does not answer', 'apt-get install iproute2'),
    ];
  const own = listenersIn(listeners, unit);
  const far = portsOf(own.filter((one) => !isLoopback(one)));
  if (own.length === 0) return [ok(title, 'listens at no TCP port')];
  const near = portsOf(own).join(', ');
  if (far.length === 0) return [ok(title, `listens at loopback alone: ${near}`)];
  const open = far.filter((port) => letIn(firewall, port));
  if (open.length === 0)
    return [ok(title, `listens at ${far.join(', ')} for other machines, and ${firewall.tool} lets none in`)];
  return [
    warn(
      title,
      `listens at ${open.join(', ')} for other machines`,
      'let it listen at 127.0.0.1 if only this machine asks it',
      ...open.map((port) => `else let in only those who may: ufw allow from 10.0.0.0/8 to any port ${port}`),
    ),
  ];
}
