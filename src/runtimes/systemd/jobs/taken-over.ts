import { actsOnHost } from '../acts-on-host';
import { filledIn, unitSpecifiers } from '../specifiers';
import { type UnitLine, valueOf } from '../unit-lines';

/**
 * Directives of the [Service] section that belong to the life of the service itself: its commands, its readiness, its
 * restarts and time limits, its sockets, its folder in /run, and where its output goes.
 */
const ofItsLife =
  /^(Type|ExitType|RemainAfterExit|GuessMainPID|PIDFile|BusName|NotifyAccess|Sockets|NonBlocking|Exec(Condition|Start|Reload|Stop)\w*|Restart\w*|Runtime\w+|Watchdog\w+|Timeout(?!StopSec$)\w*|SuccessExitStatus|KillMode|FinalKillSignal|SendSIG\w+|OOMPolicy|FileDescriptorStore\w+|OpenFile|RootDirectoryStartOnly|PermissionsStartOnly|USBFunction\w+|ReloadSignal|Standard\w+|TTY\w+|Utmp\w+|LogNamespace)$/;

const isOfItsLife = (name: string): boolean => ofItsLife.test(name) || actsOnHost.test(name);

/** Lines of a job's [Service] section that it has from its service: rights, limits, environment, credentials. Pure. */
export function serviceLines(lines: UnitLine[], unit: string): string[] {
  const own = lines.filter(({ section, name }) => section === 'Service' && !isOfItsLife(name));
  return [...own.map(({ name, value }) => written(name, value, unit)), ...sharedUser(lines, unit)];
}

/** What a job needs of other units. It starts them as its service does; it does not end with them. */
const needs = ['Wants', 'Requires', 'Requisite', 'BindsTo'];

/** Lines of a job's [Unit] section that it has from its service. Pure. */
export function unitSectionLines(lines: UnitLine[], unit: string): string[] {
  const own = lines.filter(({ section }) => section === 'Unit');
  return own.flatMap(({ name, value }) => {
    const others = value.split(/\s+/).filter((one) => one !== '' && !one.endsWith('.socket'));
    const taken = needs.includes(name) ? 'Wants' : ['After', 'RequiresMountsFor'].includes(name) ? name : undefined;
    return taken === undefined || others.length === 0 ? [] : [written(taken, others.join(' '), unit)];
  });
}

/** The unit's name in specifiers is that of the service. */
const written = (name: string, value: string, unit: string): string =>
  `${name}=${filledIn(value, unitSpecifiers(unit))}`;

/** systemd names a dynamic user by the unit: both have to be the same, which the folders belong to. */
function sharedUser(lines: UnitLine[], unit: string): string[] {
  return isDynamic(lines) ? [`User=${dynamicUser(unit)}`] : [];
}

export const isDynamic = (lines: UnitLine[]): boolean =>
  /^(1|yes|y|true|t|on)$/i.test(valueOf(lines, 'DynamicUser') ?? '') && !valueOf(lines, 'User');

/** The name that systemd gives a dynamic user; it makes another one where this is not the name of a user. Pure. */
export const dynamicUser = (unit: string): string => unitSpecifiers(unit).p!;

export const isUserName = (name: string): boolean => /^[A-Za-z_][\w-]{0,30}$/.test(name);
