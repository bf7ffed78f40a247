import type { Client } from '@temporalio/client';
import { BelayError } from '../errors';
import { hints } from '../hints';
import { failingIn } from './failing';

/** Milliseconds without an answer until Temporal itself is asked, and those that it has to answer. */
const notice = 2_000;
const patience = 3_000;

/**
 * What is asked of a workflow's worker. Throws `temporal-unreachable` as soon as it is known that Temporal itself is silent, and
 * `workflow-failing` that the workflow's own code fails, however long a worker may take.
 */
export async function unlessSilent<T>(client: Client, workflowId: string, ask: () => Promise<T>): Promise<T> {
  const over = new AbortController();
  try {
    return await Promise.race([client.withAbortSignal(over.signal, ask), silence(client, workflowId, over.signal)]);
  } finally {
    over.abort();
  }
}

/** Never resolves; a Temporal that answers now may be away before a worker answers. */
function silence(client: Client, workflowId: string, over: AbortSignal): Promise<never> {
  const look = async () => await failingIn(client, await client.workflow.getHandle(workflowId).describe());
  return new Promise((_, reject) => {
    const ask = async () => {
      const found = await client.withDeadline(Date.now() + patience, look).catch(asSilence);
      if (found) reject(found);
      else if (!over.aborted) timer = setTimeout(ask, notice);
    };
    let timer = setTimeout(ask, notice);
    over.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
}

const asSilence = (error: unknown): BelayError | undefined => (isUnanswered(error) ? temporalSilent(error) : undefined);

export const temporalSilent = (cause: unknown): BelayError =>
  new BelayError('temporal-unreachable', 'Temporal does not answer', {
    hint: hints().temporalAway,
    cause,
  });

/** Of gRPC. */
const deadlineExceeded = 4;
const unavailable = 14;

/** Temporal itself, not a worker, cannot be reached. */
export const isDown = (error: unknown): boolean => codeOf(error) === unavailable;

/** For what Temporal answers by itself. */
const isUnanswered = (error: unknown): boolean => isDown(error) || codeOf(error) === deadlineExceeded;

const codeOf = (error: unknown): number | undefined =>
  ((error as { cause?: { code?: number } }).cause ?? (error as { code?: number })).code;
