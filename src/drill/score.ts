import type { Finding, FindingId, Severity } from './finding';

/** The severity of each finding, and its part in the score. docs/drill.md has the same table. */
export const weights: Record<FindingId, { severity: Severity; points: number }> = {
  'no-handler': { severity: 'high', points: 40 },
  'shell-form': { severity: 'high', points: 40 },
  'forced-kill': { severity: 'high', points: 40 },
  cut: { severity: 'high', points: 30 },
  'no-restart': { severity: 'high', points: 30 },
  'exit-code': { severity: 'high', points: 20 },
  children: { severity: 'high', points: 20 },
  'second-signal': { severity: 'high', points: 20 },
  sockets: { severity: 'high', points: 10 },
  'keep-alive': { severity: 'medium', points: 15 },
  slow: { severity: 'medium', points: 10 },
  'still-answers': { severity: 'medium', points: 10 },
  'ready-late': { severity: 'medium', points: 10 },
  zombies: { severity: 'low', points: 5 },
  'no-close': { severity: 'low', points: 5 },
  sigint: { severity: 'low', points: 5 },
  'repeated-cleanup': { severity: 'low', points: 5 },
  'signal-code': { severity: 'low', points: 0 },
};

/** From 0, nothing found, to 100. */
export const scoreOf = (findings: Array<Pick<Finding, 'id'>>): number =>
  Math.min(
    100,
    findings.reduce((sum, { id }) => sum + weights[id].points, 0),
  );

export const riskOf = (score: number): Severity => (score >= 50 ? 'high' : score >= 20 ? 'medium' : 'low');
