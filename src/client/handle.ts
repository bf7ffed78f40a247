import { randomUUID } from 'node:crypto';
import {
  ApplicationFailure,
  CancelledFailure,
  type Client,
  TerminatedFailure,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { BelayError, type ErrorCode, isErrorCode } from '../errors';
import { hints } from '../hints';
import { type Changes, createCopy } from '../model/changes';
import { type Message, wrongData } from '../model/messages';
import { type Carried, unpacked } from '../model/packed';
import type { ReleaseResult, ReleaseStatus, Said } from '../model/status';
import { failingTask } from './failing';
import { hostTeller } from './hosts';
import { pauseOf } from './paused';
import { isDown, temporalSilent, unlessSilent } from './silence';

/** One release or rollback, running or ended. */
export interface ReleaseHandle {
  workflowId: string;
  /**
   * Needs a worker that answers; throws `worker-unreachable` when there is none within 10 s, or 30 s where the history is
   * long, `workflow-paused`, `workflow-failing`, and `temporal-unreachable` within 5 s where Temporal itself does not answer.
   */
  status(): Promise<ReleaseStatus>;
  /**
   * Waits for the end. A release that went back or failed is a result too. Throws BelayError when there was nothing to
   * walk: `spec-invalid`, `held-by-another`, …, and when it was terminated. Throws `temporal-unreachable` where Temporal is
   * away meanwhile: then it may be asked again.
   */
  result(): Promise<ReleaseResult>;
  /** Says something to it; answers what it made of it. Throws `input-invalid` for what makes no sense now, and as `status` where nobody hears it. */
  say(message: Message, said?: Said): Promise<string>;
  /** Asks Temporal to cancel it: it rolls back first. Throws `input-invalid` where none of that name runs, `temporal-unreachable`. */
  cancel(): Promise<void>;
}

/** Always arrive, whether a worker runs or not; the others are answered. */
const asSignal: Message[] = ['pause', 'reject', 'rollback'];
const patience = 10_000;
/** A worker that has not had the release until now goes through its whole history before it answers. */
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
  const isLong = async () => (await bounded(() => handle.describe())).historyLength > long.history;
  const unlessLong = async (error: unknown) => {
    if (error instanceof BelayError || isDown(error) || !(await isLong())) throw error;
    return await bounded(status, long.patience);
  };
  const stopped = async () =>
    (await bounded(() => pauseOf(client, workflowId))) ?? (await bounded(() => failingTask(client, workflowId)));
  const unlessStopped = async (error: unknown) => {
    if (isDown(error)) throw error;
    throw (await stopped()) ?? error;
  };
  return {
    workflowId,
    status: () =>
      unlessSilent(client, workflowId, () => bounded(status).catch(unlessStopped).catch(unlessLong))
        .then(tellHosts)
        .catch(refuse(workflowId)),
    result: () =>
      handle.result().then(
        (value) => unpacked(value as Carried<ReleaseResult>),
        (error) => resultOf(error, workflowId),
      ),
    async say(message, said = {}) {
      const wrong = wrongData(message, [said]);
      if (wrong) throw new BelayError('input-invalid', wrong, { hint: 'correct it, and say it again' });
      if (!asSignal.includes(message)) {
        return await bounded(() =>
          handle.executeUpdate<string, [Said]>(message, { args: [said], updateId: randomUUID() }),
        )
          .catch(unlessStopped)
          .catch(refuse(workflowId));
      }
      await bounded(() => handle.signal(message, said)).catch(refuse(workflowId));
      const stop = await stopped();
      if (stop) throw new BelayError(stop.code, `${message} is sent, and ${stop.message}`, { hint: stop.hint });
      return `${message}: sent`;
    },
    async cancel() {
      await bounded(() => handle.cancel()).catch((error) => {
        throw lost(error, workflowId) ?? error;
      });
    },
  };
}

/** A workflow's failure as the result that it carries, or as the error that kept it from starting anything. */
function resultOf(error: unknown, workflowId: string): ReleaseResult {
  const cause = error instanceof WorkflowFailedError ? error.cause : error;
  // Temporal keeps no details of a cancelled workflow; that it ended so says that it has rolled back.
  if (cause instanceof CancelledFailure)
    return { outcome: 'cancelled', platform: workflowId.split('/')[1] ?? '', revisions: {} };
  if (cause instanceof TerminatedFailure) {
    throw new BelayError('unexpected', 'the release was terminated; the host stays as it was at that moment', {
      hint: 'the next `belay release` sees what is there and finishes it',
    });
  }
  const carried = carriedResult(cause);
  if (carried) return carried;
  throw errorIn(error, workflowId);
}

/** What a workflow that carries no result failed with, or what keeps everybody from hearing of it. */
export function errorIn(error: unknown, workflowId: string): BelayError {
  const gone = lost(error, workflowId);
  if (gone) return gone;
  const failure = deepest(error instanceof WorkflowFailedError ? error.cause : error);
  const code: ErrorCode =
    failure instanceof ApplicationFailure && isErrorCode(failure.type) ? failure.type : 'unexpected';
  const details =
    failure instanceof ApplicationFailure ? (failure.details?.[0] as { hint?: string } | undefined) : undefined;
  return new BelayError(code, failure instanceof Error ? failure.message : String(failure), {
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
    const noAnswer = `no worker has answered for ${workflowId} within ${patience / 1000} s; what was started or said waits for one`;
    throw (
      lost(error, workflowId) ??
      new BelayError('worker-unreachable', noAnswer, { hint: hints().workerAway, cause: error })
    );
  };

/** What keeps everybody from hearing of it, whoever asks; undefined where it is something else. */
function lost(cause: unknown, workflowId: string): BelayError | undefined {
  if (cause instanceof WorkflowNotFoundError)
    return new BelayError('input-invalid', `there is no ${workflowId} that runs`, { hint: 'belay history', cause });
  return isDown(cause) ? temporalSilent(cause) : undefined;
}

const deepestMessage = (error: Error): string => (deepest(error) as Error).message;
