import { instanceOfUnit } from '../template';
import { type UnitLine, valueOf, valuesOf } from '../unit-lines';

interface Asked {
  lines: UnitLine[];
  unit: string;
  /** Units whose events start it. */
  triggers: string[];
  /** True if the release places files for it. */
  hasFiles: boolean;
}

/** Returns why a second instance cannot run beside that of the unit; undefined if nothing says so. Pure. */
export function drillProblem({ lines, unit, triggers, hasFiles }: Asked): string | undefined {
  const value = (name: string) => valueOf(lines, name);
  if (value('Type') === 'oneshot') return 'it has no main process (Type=oneshot)';
  const socket = [...triggers.filter((one) => one.endsWith('.socket')), ...valuesOf(lines, ['Sockets'])][0];
  if (socket) return `${socket} hands it its connections`;
  if (value('BusName') ?? value('Type') === 'dbus') return 'it has a name on the bus (BusName=)';
  const root = ['RootDirectory', 'RootImage'].find((name) => (value(name) ?? '/') !== '/');
  if (root && hasFiles) return `${root}= gives it other files`;
  if (instanceOfUnit(unit) !== '') return undefined;
  const shared = ['PIDFile', 'StateDirectory'].find((name) => value(name));
  return shared && `both would write to the same place (${shared}=)`;
}
