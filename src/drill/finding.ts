/** Every fault that a drill can find. The ids are a contract: reports, scripts and tests go by them. */
export const findingIds = [
  'no-handler',
  'shell-form',
  'forced-kill',
  'slow',
  'exit-code',
  'signal-code',
  'cut',
  'still-answers',
  'no-close',
  'ready-late',
  'keep-alive',
  'children',
  'zombies',
  'sockets',
  'second-signal',
  'sigint',
  'repeated-cleanup',
  'no-restart',
] as const;
export type FindingId = (typeof findingIds)[number];

export const severities = ['high', 'medium', 'low'] as const;
export type Severity = (typeof severities)[number];

export interface Finding {
  id: FindingId;
  severity: Severity;
  /** What was seen, in a sentence. */
  text: string;
  /** What to do. */
  fix: string;
}

/** What a rule says of the evidence: what was seen, nothing, or that it could not be seen and why. */
export type Said = string | undefined | { unknown: string };

export const isUnknown = (said: Said): said is { unknown: string } => typeof said === 'object';

/** A question that the evidence leaves open. */
export interface Unknown {
  id: FindingId;
  why: string;
}
