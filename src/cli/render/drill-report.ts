import { sizeText, span, timeText } from '../../model/quantities';
import type { KeptBackups, KeptThing } from '../backups/read';

export interface Drill {
  workflowId: string;
  outcome: string;
  by: string;
  /** ISO 8601. */
  at: string;
  /** Failed steps with their reasons. */
  failures: string[];
}

/** The report of a drill, in Markdown: what was restored, how long it took, and how much a loss would cost. Pure. */
export function drillReport({ platform, things }: KeptBackups, drill: Drill): string {
  const { workflowId, outcome, by, at, failures } = drill;
  return [
    `# Restore drill of ${platform}`,
    '',
    `${at}, by ${by}: ${failures.length > 0 ? `**${outcome}**` : outcome} (\`${workflowId}\`)`,
    '',
    ...(failures.length > 0 ? ['## Failed', '', ...failures.map((one) => `- ${oneLine(one)}`), ''] : []),
    '| thing | backup | size | rows | restored in (RTO) | age of the data (RPO) | longest gap | versions |',
    '| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |',
    ...things.map((one) => `| ${lineOf(one).map(oneLine).join(' | ')} |`),
    '',
    'RTO: from an empty instance to the answer of the restored data. RPO: the age of the newest verified backup.',
    '',
  ].join('\n');
}

function lineOf({ thing, backups, figures }: KeptThing): string[] {
  const { newestVerified, longestGap, restore } = figures;
  const newest = backups.filter(({ verified }) => verified).at(-1);
  const seconds = (value?: number) => (value === undefined ? '–' : timeText(value * 1000));
  if (!newest) return [thing, 'none was verified', '', '', '', '', seconds(longestGap), ''];
  return [
    thing,
    `${newest.id}${newest.encrypted ? ', encrypted' : ''}`,
    sizeText(newest.bytes.stored),
    String(newest.verified!.rows),
    restore === undefined ? '–' : span(restore * 1000),
    seconds(newestVerified),
    seconds(longestGap),
    Object.values(newest.tools).join(', '),
  ];
}

/** A table and a list have a line for each entry. */
const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, '; ').replaceAll('|', '\\|');
