import { actsOnHost } from '../acts-on-host';
import { quoted } from '../drop-in';
import { dynamicUser, isDynamic, unitSectionLines } from '../jobs/taken-over';
import { filledIn, unitSpecifiers } from '../specifiers';
import { instanceOfUnit } from '../template';
import type { UnitLine } from '../unit-lines';

export interface DrillText {
  /** The service, as `shop/api`. */
  owner: string;
  /** The assignments of the service's unit, of its drop-ins and of the release. */
  lines: UnitLine[];
  /** The unit of the service, whose name stands in specifiers. */
  unit: string;
  /** What stands at a path of the host for this instance alone. */
  view?: { at: string; target: string };
  /** True if its folders in /run are there already, and others need them. */
  keepsRun: boolean;
}

/**
 * Directives that reach beyond the instance or its end: restarts, sockets and names that others have, where its output
 * goes, and a unit that stays active once its program has ended.
 */
const reaching =
  /^(RemainAfterExit|Restart\w*|Sockets|BusName|LogExtraFields|LogNamespace|Standard\w+|TTY\w+|Utmp\w+|USBFunction\w+|FileDescriptorStore\w+)$/;

/** A drill ends the program by force: nothing that the host does on a failure may follow. */
const isLeftOut = (name: string): boolean => reaching.test(name) || actsOnHost.test(name);

/** Directives in which the name of a unit without instances stands for the unit itself, and so for this one. */
const ofItself = /^(Exec(Stop|Reload)\w*|RuntimeDirectory)$/;

/** The mark by which Belay knows its own file. */
export const drillMark = '# Written by Belay for one drill; it goes with the end of that.';

/** The unit of a drill: all of the service's own, its life and its stop too, but started by nobody else. Pure. */
export function drillText({ owner, lines, unit, view, keepsRun }: DrillText): string {
  return [
    drillMark,
    '[Unit]',
    `Description=Drill of ${owner}`,
    'StartLimitIntervalSec=0',
    ...unitSectionLines(lines, unit),
    '',
    '[Service]',
    ...lines.filter(({ section, name }) => section === 'Service' && !isLeftOut(name)).map(written(unit)),
    ...(isDynamic(lines) ? [`User=${dynamicUser(unit)}`] : []),
    'Restart=no',
    'StandardOutput=journal',
    'StandardError=journal',
    ...(keepsRun ? ['RuntimeDirectoryPreserve=yes'] : []),
    ...(view ? [`BindReadOnlyPaths=${quoted(view.target)}:${quoted(view.at)}`] : []),
    '',
  ].join('\n');
}

const written =
  (unit: string) =>
  ({ name, value }: UnitLine): string =>
    `${name}=${instanceOfUnit(unit) === '' && ofItself.test(name) ? value : filledIn(value, unitSpecifiers(unit))}`;
