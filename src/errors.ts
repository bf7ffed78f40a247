/**
 * Every way Belay can fail, as data. `retryable` is true if a later try can help; `exit` is the command's exit code.
 * Exit code 1 is unexpected, 2 wrong input (nothing started), 3 failed (2 if nothing had begun). Exit code 6 is out of
 * reach, 7 another release that runs.
 */
const table = {
  'spec-invalid': { retryable: false, exit: 2 },
  'input-invalid': { retryable: false, exit: 2 },
  'platform-unknown': { retryable: false, exit: 2 },
  'not-built': { retryable: false, exit: 2 },
  'image-unknown': { retryable: false, exit: 2 },
  'registry-denied': { retryable: false, exit: 2 },
  'compose-invalid': { retryable: false, exit: 2 },
  'revision-unknown': { retryable: false, exit: 2 },
  'preflight-failed': { retryable: false, exit: 3 },
  'disk-full': { retryable: false, exit: 3 },
  'config-changed': { retryable: false, exit: 3 },
  'launch-failed': { retryable: false, exit: 3 },
  'instance-exited': { retryable: false, exit: 3 },
  'instance-lost': { retryable: false, exit: 3 },
  'need-lost': { retryable: false, exit: 3 },
  'not-ready': { retryable: false, exit: 3 },
  'not-live': { retryable: false, exit: 3 },
  'proxy-refused': { retryable: false, exit: 3 },
  'drain-deadline': { retryable: false, exit: 3 },
  'job-failed': { retryable: false, exit: 3 },
  'smoke-failed': { retryable: false, exit: 3 },
  inconclusive: { retryable: false, exit: 3 },
  'ledger-damaged': { retryable: false, exit: 3 },
  'ledger-newer': { retryable: false, exit: 3 },
  'fence-stale': { retryable: false, exit: 3 },
  'drill-failed': { retryable: false, exit: 3 },
  'backup-failed': { retryable: false, exit: 3 },
  'backup-damaged': { retryable: false, exit: 3 },
  'held-by-another': { retryable: false, exit: 7 },
  'engine-unreachable': { retryable: true, exit: 6 },
  'proxy-unreachable': { retryable: true, exit: 6 },
  'registry-unreachable': { retryable: true, exit: 6 },
  'temporal-unreachable': { retryable: true, exit: 6 },
  'worker-unreachable': { retryable: true, exit: 6 },
  'workflow-paused': { retryable: true, exit: 6 },
  'workflow-failing': { retryable: true, exit: 6 },
  'lock-busy': { retryable: true, exit: 6 },
  unexpected: { retryable: true, exit: 1 },
} as const satisfies Record<string, { retryable: boolean; exit: number }>;

export type ErrorCode = keyof typeof table;

/** The one error class. `message` says what happened and where; `hint` says what to do next. */
export class BelayError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  /** The id of the workflow that holds the service, if there is one. */
  readonly workflowId: string | undefined;
  /** The name of an instance that something else has removed from its host. */
  readonly gone: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string; workflowId?: string; gone?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'BelayError';
    this.code = code;
    this.hint = options.hint;
    this.workflowId = options.workflowId;
    this.gone = options.gone;
  }
}

export const isRetryable = (code: ErrorCode): boolean => table[code].retryable;
export const exitCodeOf = (code: ErrorCode): number => table[code].exit;
/** True if Temporal or a worker did not answer; a started workflow goes on. */
export const isSilence = ({ code }: BelayError): boolean =>
  code === 'temporal-unreachable' || code === 'worker-unreachable';
export const isErrorCode = (code: unknown): code is ErrorCode => typeof code === 'string' && code in table;

/** Returns any thrown value as a BelayError; foreign errors become `disk-full` or `unexpected`. */
export function asBelayError(error: unknown): BelayError {
  if (error instanceof BelayError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (isDiskFull(error)) return diskFull(message, error);
  return new BelayError('unexpected', message, { cause: error });
}

/** Returns true if the engine or the system reports no room, no more files, or a used-up quota. */
export function isDiskFull(error: unknown): boolean {
  if (error instanceof BelayError) return false;
  const { code, message = '' } = (error ?? {}) as { code?: unknown; message?: string };
  return code === 'ENOSPC' || code === 'EDQUOT' || /no space left on device|disk quota exceeded/i.test(message);
}

/** Ways to make room on the disk. */
export const wayToRoom =
  'make room: belay prune removes what no revision keeps, du -xhd1 shows what folders take, docker system df what images, containers and volumes do, df -i whether it is files that ran out';

/** Returns the error for a file that could not be written. */
export const diskFull = (what: string, cause: unknown): BelayError =>
  new BelayError('disk-full', what, { hint: wayToRoom, cause });
