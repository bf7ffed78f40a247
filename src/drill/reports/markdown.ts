import type { Finding } from '../finding';
import type { DrillRecord } from '../record';
import type { DrillReport } from './report';

/** The report for people: how many passed, a line for each service, and what to mend. Pure. */
export function markdown({ platform, workflowId, at, drills, undone }: DrillReport): string {
  const passed = drills.filter(({ verdict }) => verdict === 'pass').length;
  const found = drills.filter(({ findings, unknown }) => findings.length + unknown.length > 0);
  return [
    `# Shutdown drill of ${platform}`,
    '',
    `${at}: ${passed} of ${drills.length + undone.length} passed (\`${workflowId}\`)`,
    '',
    '| service | verdict | seconds to exit | exit code | risk | findings |',
    '| --- | --- | ---: | ---: | --- | --- |',
    ...drills.map((one) => `| ${lineOf(one).map(oneLine).join(' | ')} |`),
    ...undone.map(({ service }) => `| ${service} | **not done** | | | | |`),
    '',
    ...undone.flatMap(({ service, why }) => [`## ${service}`, '', `Not done: ${oneLine(why)}`, '']),
    ...found.flatMap((one) => [`## ${one.service}`, '', ...findingLines(one), '']),
  ].join('\n');
}

function lineOf({ service, verdict, exitAfter, exitCode, risk, score, findings }: DrillRecord): string[] {
  return [
    service,
    verdict === 'fail' ? '**fail**' : 'pass',
    exitAfter === undefined ? 'killed' : (exitAfter / 1000).toFixed(1),
    exitCode === undefined ? '–' : String(exitCode),
    `${risk} (${score})`,
    findings.map(({ id }) => id).join(', '),
  ];
}

const findingLines = ({ findings, unknown }: DrillRecord): string[] => [
  ...findings.map(
    ({ id, severity, text, fix }: Finding) => `- **${id}** (${severity}): ${oneLine(text)}. Fix: ${fix}.`,
  ),
  ...unknown.map(({ id, why }) => `- **${id}** (unknown): ${oneLine(why)}.`),
];

/** A table and a list have a line for each entry. */
const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, '; ').replaceAll('|', '\\|');
