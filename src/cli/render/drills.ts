import type { DrillRecord } from '../../drill';
import type { DrillReport } from '../../drill/reports';
import { localTime, span } from '../../model/quantities';
import type { KeptDrills } from '../drills/list';
import { hintLine } from '../format-error';
import type { Colors } from '../terminal';
import { table } from './table';

type Shown = KeptDrills & Partial<Pick<DrillReport, 'undone'>>;

/** Prints a line for each drill, and below them what was found and what to do. Pure. */
export function renderDrills({ platform, drills, undone = [] }: Shown, colors: Colors): string {
  if (drills.length + undone.length === 0)
    return `${platform}: no shutdown was drilled yet\n${hintLine('belay drill --all')}`;
  const [top = '', ...lines] = table({
    head: ['service', 'verdict', 'exit', 'code', 'risk', 'when', 'findings'],
    rows: [...drills.map(rowOf), ...undone.map(({ service }) => [service, 'not done', '', '', '', '', ''])],
    right: [2, 3],
  });
  return [
    colors.dim(top),
    ...lines,
    ...undone.map(({ service, why }) => `${colors.red(service)}: ${why}`),
    ...drills.flatMap((one) => findingLines(one, colors)),
  ].join('\n');
}

const rowOf = ({ service, verdict, exitAfter, exitCode, risk, score, at, findings }: DrillRecord): string[] => [
  service,
  verdict,
  exitAfter === undefined ? 'killed' : span(exitAfter),
  exitCode === undefined ? '' : String(exitCode),
  `${risk} (${score})`,
  localTime(at),
  findings.map(({ id }) => id).join(', '),
];

function findingLines({ service, findings, unknown }: DrillRecord, colors: Colors): string[] {
  if (findings.length + unknown.length === 0) return [];
  return [
    '',
    colors.bold(service),
    ...findings.flatMap(({ id, severity, text, fix }) => [
      `  ${severity === 'high' ? colors.red(id) : id} (${severity}): ${text}`,
      `  ${hintLine(fix)}`,
    ]),
    ...unknown.map(({ id, why }) => `  ${id} (unknown): ${why}`),
  ];
}
