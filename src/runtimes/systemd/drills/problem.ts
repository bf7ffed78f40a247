import { instanceOfUnit } from '../template';
import { type UnitLine, valueOf, valuesOf } from '../unit-lines';
import { bases } from './folders';
import { isOfInstance, sharedPath, sharedPort } from './shared-path';

interface Asked {
  lines: UnitLine[];
  unit: string;
  /** Units whose events start it. */
  triggers: string[];
  /** True if the release places files for it. */
  hasFiles: boolean;
  /** Unix sockets at which it listens now. */
  sockets?: string[];
  /** Ports of the host at which the service's instances listen. */
  ports?: number[];
}

/** Returns why a second instance cannot run beside that of the unit; undefined if nothing says so. Pure. */
export function drillProblem({ lines, unit, triggers, hasFiles, sockets = [], ports = [] }: Asked): string | undefined {
  const value = (name: string) => valueOf(lines, name);
  if (value('Type') === 'oneshot') return 'it has no main process (Type=oneshot)';
  const socket = [...triggers.filter((one) => one.endsWith('.socket')), ...valuesOf(lines, ['Sockets'])][0];
  if (socket) return `${socket} hands it its connections`;
  if (value('BusName') ?? value('Type') === 'dbus') return 'it has a name on the bus (BusName=)';
  const root = ['RootDirectory', 'RootImage'].find((name) => (value(name) ?? '/') !== '/');
  if (root && hasFiles) return `${root}= gives it other files`;
  const shared = sharedDirective(lines, unit);
  if (shared) return `both would write to the same place (${shared}=)`;
  const path = sharedPath(lines, unit);
  if (path) return `its ${path.directive}= names ${path.word}, which the service has too`;
  const port = sharedPort(lines, ports);
  if (port) return `its ${port.directive}= names port ${port.port}, at which the service listens`;
  const [taken] = instanceOfUnit(unit) === '' ? sockets : [];
  return taken === undefined ? undefined : `it would take ${taken} from the service, which listens there`;
}

/** Instances of a template share folders by the will of their author: a rolling release runs two of them as well. */
function sharedDirective(lines: UnitLine[], unit: string): string | undefined {
  if (instanceOfUnit(unit) === '') return ['PIDFile', ...Object.keys(bases)].find((name) => valueOf(lines, name));
  const pidFile = valueOf(lines, 'PIDFile');
  return pidFile && !isOfInstance(pidFile) ? 'PIDFile' : undefined;
}
