import { BelayError, diskFull } from '../errors';

/** The end of a tool that failed: its code, and the last of its standard error. */
export interface ToolEnd {
  code: number | string;
  errors: string;
}

/** The error for a backup or a restore that failed; a full disk is told as one. */
export function failed(what: string, { code, errors }: ToolEnd, hint: string): BelayError {
  const why = lastLines(errors) || `it ended with ${code}`;
  if (/no space left on device|disk quota exceeded/i.test(errors)) return diskFull(`${what}: ${why}`, undefined);
  return new BelayError('backup-failed', `${what}: ${why}`, { hint });
}

/** The error for a backup that is not what its manifest says. */
export const damaged = (what: string): BelayError =>
  new BelayError('backup-damaged', what, {
    hint: 'restore another backup; keep this one until it is known what changed it',
  });

const lastLines = (text: string): string => text.split('\n').slice(-6).join('\n').trim();
