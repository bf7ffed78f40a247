import type { DrillRecord } from '../record';
import { endText } from '../verdict';
import type { DrillReport } from './report';

/** A test case for each service, as CI reads it. Pure. */
export function junit({ platform, at, drills, undone }: DrillReport): string {
  const failed = drills.filter(({ verdict }) => verdict === 'fail').length;
  const counts = `tests="${drills.length + undone.length}" failures="${failed}" errors="${undone.length}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="shutdown drill of ${escaped(platform)}" timestamp="${escaped(at)}" ${counts}>`,
    ...drills.flatMap((one) => caseOf(platform, one)),
    ...undone.flatMap(({ service, why }) => [
      `  <testcase classname="${escaped(platform)}" name="${escaped(service)}">`,
      `    <error message="${escaped(why)}"/>`,
      '  </testcase>',
    ]),
    '</testsuite>',
    '',
  ].join('\n');
}

function caseOf(platform: string, one: DrillRecord): string[] {
  const { service, exitAfter, verdict, findings, unknown } = one;
  const time = exitAfter === undefined ? '' : ` time="${(exitAfter / 1000).toFixed(3)}"`;
  const lines = [
    ...findings.map(({ id, severity, text, fix }) => `${id} (${severity}): ${text}. ${fix}`),
    ...unknown.map(({ id, why }) => `${id} (unknown): ${why}`),
  ];
  const body = escaped(lines.join('\n'));
  const message = escaped(`${endText(one)}, risk ${one.risk} (${one.score})`);
  return [
    `  <testcase classname="${escaped(platform)}" name="${escaped(service)}"${time}>`,
    verdict === 'fail'
      ? `    <failure message="${message}">${body}</failure>`
      : `    <system-out>${message}\n${body}</system-out>`,
    '  </testcase>',
  ];
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** XML has no form for most control characters, which a log line may have. */
const escaped = (text: string): string =>
  Array.from(
    text,
    (letter) => entities[letter] ?? (letter < ' ' && letter !== '\n' && letter !== '\t' ? ' ' : letter),
  ).join('');
