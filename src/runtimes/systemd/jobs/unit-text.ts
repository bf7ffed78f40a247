import type { InstanceIdentity } from '../../runtime';
import { journalField, markSection, quoted } from '../drop-in';
import type { UnitLine } from '../unit-lines';
import { serviceLines, unitSectionLines } from './taken-over';

export interface JobText {
  name: string;
  job: string;
  identity: InstanceIdentity;
  /** The assignments of the service's unit, of its drop-ins and of the release. */
  lines: UnitLine[];
  /** The unit of the service, whose name stands in specifiers. */
  unit: string;
  /** The program by its absolute path, and its arguments, as written. */
  command: string[];
  /** What stands at a path of the host for this job alone. */
  view?: { at: string; target: string };
  /** The folder below /run whose existence tells that the unit has been started. */
  mark: string;
}

/** The unit of one job's run. It has no [Install] section, and systemd remembers its end until it is stopped. Pure. */
export function jobText(text: JobText): string {
  const { name, job, identity, lines, unit, command, view, mark } = text;
  const [program, ...args] = command as [string, ...string[]];
  return [
    `# Written by Belay for one run of a job; it goes with the end of that.`,
    ...markSection({ name, identity }),
    '',
    '[Unit]',
    `Description=Job ${job} of ${identity.platform}/${identity.service}, revision ${identity.revision}`,
    ...unitSectionLines(lines, unit),
    '',
    '[Service]',
    ...serviceLines(lines, unit),
    'Type=exec',
    'RemainAfterExit=yes',
    'StandardOutput=journal',
    'StandardError=journal',
    `LogExtraFields=${journalField}=${name}`,
    `RuntimeDirectory=${mark}`,
    'RuntimeDirectoryPreserve=yes',
    ...(view ? [`BindReadOnlyPaths=${quoted(view.target)}:${quoted(view.at)}`] : []),
    `ExecStart=${[quoted(program), ...args.map(argument)].join(' ')}`,
    '',
  ].join('\n');
}

/** An argument as written: systemd puts values of the environment in place of `$NAME`. */
const argument = (text: string): string => quoted(text.replaceAll('$', '$$$$'));
