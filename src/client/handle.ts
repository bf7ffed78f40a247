import { randomUUID } from 'node:crypto';
import {
  ApplicationFailure,
  CancelledFailure,
  type Client,
  TerminatedFailure,
  TimeoutFailure,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { BelayError, type ErrorCode, isErrorCode } from '../errors';
import { hints } from '../hints';
import { type Changes, createCopy } from '../model/changes';
import { kindOf, type Message, wrongData } from '../model/messages';
import { type Carried, unpacked } from '../model/packed';
import type { ReleaseResult, ReleaseStatus, Said } from '../model/status';
import { nounOf } from '../model/workflow-words';
import { cutOffOf, cutOffStatus, cutOffText, wayOn } from './cut-off';
import { type Ending, endingOf, endingText } from './ending';
import { failingTask } from './failing';
import { hostTeller } from './hosts';
import { pauseOf } from './paused';
import { unservedQueue } from './queues';
import { isDown, temporalSilent, unlessSilent } from './silence';

/** One release or rollback, running or ended. */
export interface ReleaseHandle {
  workflowId: string;
  /**
   * A workflow that Temporal has cut off, as by a termination, has the outcome `terminated`.
   * Needs a worker that answers. Throws `worker-unreachable` when none does within 10 s, or 30 s if the history is
   * long. Throws `workflow-paused`, `workflow-failing`, and `temporal-unreachable` if Temporal itself does not answer
   * within 5 s. Throws `input-invalid` for a workflow in a task queue that no worker serves.
   */
  status(): Promise<ReleaseStatus>;
  /**
   * Waits for the end. A release that rolled back or failed is a result too. Throws BelayError if no step could start:
   * `spec-invalid`, `held-by-another`, …, and if it was terminated. Throws `temporal-unreachable` if Temporal is away
   * meanwhile: then ask again.
   */
  result(): Promise<ReleaseResult>;
  /**
   * Sends it a message, and returns its answer. Throws `input-invalid` for a message that does not fit its state, or
   * that comes after its end.
   * Throws as `status` does if no worker answers.
   */
  say(message: Message, said?: Said): Promise<string>;
  /**
   * Asks Temporal to cancel it: it rolls back first. Throws `input-invalid` if no release of that id runs, and
   * `temporal-unreachable`.
   */
  cancel(): Promise<void>;
  /** How it ended; undefined if it runs, or Temporal does not tell within 10 s. */
  ending(): Promise<Ending | undefined>;
  /** The id of its latest run; undefined if Temporal does not tell it within 10 s. */
  runId(): Promise<string | undefined>;
}

/** Messages that arrive whether a worker runs or not; the others need an answer. */
const asSignal: Message[] = ['pause', 'reject', 'rollback'];
const patience = 10_000;
/** A worker that takes over a release replays its whole history before it answers. */
const long = { history: 2_000, patience: 30_000 };

export function createHandle(client: Client, workflowId: string): ReleaseHandle {
  const handle = client.workflow.getHandle(workflowId);
  const bounded = <T>(act: () => Promise<T>, limit = patience) => client.withDeadline(Date.now() + limit, act);
  const tellHosts = hostTeller(client);
  const copy = createCopy();
  const status = async (): Promise<ReleaseStatus> => {
    const changes = await handle.query<Changes, [{ since: number }]>('changes', { since: copy.upTo });
    copy.take(changes);
    return changes.more ? await status() : copy.status();
  };
  const cutOff = () => bounded(() => cutOffOf(client, workflowId)).catch(() => undefined);
  const unlessCutOff = async (seen: ReleaseStatus): Promise<ReleaseStatus> => {
    const cut = seen.phase === 'closed' ? undefined : await cutOff();
    if (!cut) return seen;
    // It may have closed between the two answers.
    const last = await bounded(status);
    return last.phase === 'closed' ? last : cutOffStatus(last, cut);
  };
  const unlessGone = async (error: unknown) => {
    const cut = isDown(error) ? undefined : await cutOff();
    if (!cut?.isForced) throw error;
    throw new BelayError('unexpected', `${cutOffText(cut)}, and does not run any more`, {
      hint: wayOn(kindOf(workflowId)),
      cause: error,
    });
  };
  const isLong = async () => (await bounded(() => handle.describe())).historyLength > long.history;
  const unlessLong = async (error: unknown) => {
    if (error instanceof BelayError || isDown(error) || !(await isLong())) throw error;
    return await bounded(status, long.patience);
  };
  const unserved = async () => unservedQueue(client, await handle.describe());
  const stopped = async () =>
    (await bounded(() => pauseOf(client, workflowId))) ??
    (await bounded(() => failingTask(client, workflowId))) ??
    (await bounded(unserved).catch(() => undefined));
  const ending = () => bounded(() => endingOf(client, workflowId)).catch(() => undefined);
  const unlessEnded = async (error: unknown) => {
    const end = error instanceof WorkflowNotFoundError ? await ending() : undefined;
    if (!end) throw error;
    throw new BelayError('input-invalid', `${workflowId} ${endingText(end, Date.now())}`, {
      hint: `belay status ${workflowId}`,
      cause: error,
    });
  };
  const unlessStopped = async (error: unknown) => {
    if (isDown(error)) throw error;
    throw (await stopped()) ?? error;
  };
  return {
    workflowId,
    status: () =>
      unlessSilent(client, workflowId, () => bounded(status).catch(unlessGone).catch(unlessStopped).catch(unlessLong))
        .then(unlessCutOff)
        .then(tellHosts)
        .catch(refuse(workflowId)),
    result: () =>
      handle.result().then(
        (value) => unpacked(value as Carried<ReleaseResult>),
        (error) => resultOf(error, workflowId),
      ),
    async say(message, said = {}) {
      const wrong = wrongData(message, [said]);
      if (wrong) throw new BelayError('input-invalid', wrong, { hint: 'correct it, and send it again' });
      if (!asSignal.includes(message)) {
        return await bounded(() =>
          handle.executeUpdate<string, [Said]>(message, { args: [said], updateId: randomUUID() }),
        )
          .catch(unlessEnded)
          .catch(unlessStopped)
          .catch(refuse(workflowId));
      }
      await bounded(() => handle.signal(message, said))
        .catch(unlessEnded)
        .catch(refuse(workflowId));
      const stop = await stopped();
      if (stop) throw new BelayError(stop.code, `${message} is sent, and ${stop.message}`, { hint: stop.hint });
      return `${message}: sent`;
    },
    async cancel() {
      await bounded(() => handle.cancel()).catch((error) => {
        throw lost(error, workflowId) ?? error;
      });
    },
    ending,
    runId: () =>
      bounded(() => handle.describe()).then(
        ({ runId }) => runId,
        () => undefined,
      ),
  };
}

/** Returns the result that a workflow's failure carries; else throws the error that kept it from starting. */
function resultOf(error: unknown, workflowId: string): ReleaseResult {
  const cause = error instanceof WorkflowFailedError ? error.cause : error;
  // Temporal keeps no details of a cancelled workflow; this end means that it has rolled back.
  if (cause instanceof CancelledFailure)
    return { outcome: 'cancelled', platform: workflowId.split('/')[1] ?? '', revisions: {} };
  if (cause instanceof TerminatedFailure || cause instanceof TimeoutFailure) {
    const kind = kindOf(workflowId);
    const how = cause instanceof TerminatedFailure ? 'was terminated' : 'timed out';
    const message = `the ${nounOf(kind)} ${how}, and does not run any more; the host stays as it was at that moment`;
    throw new BelayError('unexpected', message, { hint: wayOn(kind) });
  }
  const carried = carriedResult(cause);
  if (carried) return carried;
  throw errorIn(error, workflowId);
}

/** Returns the failure of a workflow without a result, or the error that keeps every client from its answer. */
export function errorIn(error: unknown, workflowId: string): BelayError {
  const gone = lost(error, workflowId);
  if (gone) return gone;
  const failure = deepest(error instanceof WorkflowFailedError ? error.cause : error);
  const code: ErrorCode =
    failure instanceof ApplicationFailure && isErrorCode(failure.type) ? failure.type : 'unexpected';
  const details =
    failure instanceof ApplicationFailure
      ? (failure.details?.[0] as { message?: string; hint?: string } | undefined)
      : undefined;
  const text = failure instanceof Error ? failure.message : String(failure);
  // A workflow's own text has the hint too.
  return new BelayError(code, details?.message ?? text, {
    hint: details?.hint,
    cause: error,
  });
}

function carriedResult(cause: unknown): ReleaseResult | undefined {
  if (!(cause instanceof ApplicationFailure)) return undefined;
  const detail = cause.details?.[0] as ReleaseResult | undefined;
  return detail?.outcome ? detail : undefined;
}

function deepest(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error && !(error instanceof ApplicationFailure)
    ? deepest(error.cause)
    : error;
}

const refuse =
  (workflowId: string) =>
  (error: unknown): never => {
    if (error instanceof BelayError) throw error;
    if (error instanceof WorkflowUpdateFailedError)
      throw new BelayError('input-invalid', deepestMessage(error), {
        hint: `belay status ${workflowId}`,
        cause: error,
      });
    const noAnswer = `no worker has answered for ${workflowId} within ${patience / 1000} s; the workflow and its messages wait for one`;
    throw (
      lost(error, workflowId) ??
      new BelayError('worker-unreachable', noAnswer, { hint: hints().workerAway, cause: error })
    );
  };

/** Returns the error that keeps every client from the answer; undefined for another cause. */
function lost(cause: unknown, workflowId: string): BelayError | undefined {
  if (cause instanceof WorkflowNotFoundError)
    return new BelayError('input-invalid', `there is no ${workflowId} that runs`, { hint: 'belay history', cause });
  return isDown(cause) ? temporalSilent(cause) : undefined;
}

const deepestMessage = (error: Error): string => (deepest(error) as Error).message;
