import type { Evidence } from './evidence';
import { type Finding, findingIds, isUnknown, type Severity, type Unknown } from './finding';
import { rules } from './rules';
import { riskOf, scoreOf, weights } from './score';

export interface Verdict {
  verdict: 'pass' | 'fail';
  findings: Finding[];
  unknown: Unknown[];
  /** 0 to 100. */
  score: number;
  risk: Severity;
  /** Milliseconds from the signal; absent: it had to be killed. */
  exitAfter?: number;
  exitCode?: number;
}

/** The findings in the order of their weight, what stays unknown, and the verdict. Pure. */
export function verdictOf(evidence: Evidence): Verdict {
  const said = findingIds.map((id) => ({ id, said: rules[id].says(evidence) }));
  const findings = said.flatMap(({ id, said }): Finding[] =>
    said === undefined || isUnknown(said)
      ? []
      : [{ id, severity: weights[id].severity, text: said, fix: rules[id].fix }],
  );
  findings.sort((one, other) => weights[other.id].points - weights[one.id].points);
  const score = scoreOf(findings);
  const { exit } = evidence.first;
  const isGood = exit?.code !== undefined && !findings.some(({ severity }) => severity === 'high');
  return {
    verdict: isGood ? 'pass' : 'fail',
    findings,
    unknown: said.flatMap(({ id, said }) => (isUnknown(said) ? [{ id, why: said.unknown }] : [])),
    score,
    risk: riskOf(score),
    ...(exit && { exitAfter: exit.after }),
    ...(exit?.code !== undefined && { exitCode: exit.code }),
  };
}

/** The verdict in a line: `pass: exit 0 after 0.3 s, risk low (5): sigint`. */
export function verdictLine({ verdict, findings, score, risk, ...end }: Verdict): string {
  const ids = findings.map(({ id }) => id).join(', ');
  return `${verdict}: ${endText(end)}, risk ${risk} (${score})${ids && `: ${ids}`}`;
}

/** `exit 0 after 0.3 s`, or `killed`. */
export const endText = ({ exitAfter, exitCode }: Pick<Verdict, 'exitAfter' | 'exitCode'>): string =>
  exitAfter === undefined ? 'killed' : `exit ${exitCode ?? 'unknown'} after ${(exitAfter / 1000).toFixed(1)} s`;
