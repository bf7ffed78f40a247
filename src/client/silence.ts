import type { Client } from '@temporalio/client';
import { BelayError } from '../errors';
import { hints } from '../hints';
import { failingIn } from './failing';
import { unservedQueue } from './queues';

/** Milliseconds without an answer before Temporal itself is asked, and milliseconds that it has to answer. */
const notice = 2_000;
const patience = 3_000;

/**
 * Asks a workflow's worker. Throws `temporal-unreachable` as soon as Temporal itself is known to be silent, however
 * long a worker may take. Throws `workflow-failing` as soon as the workflow's own code is known to fail, and
 * `input-invalid` for a task queue without workers.
 */
export async function unlessSilent<T>(client: Client, workflowId: string, ask: () => Promise<T>): Promise<T> {
  const over = new AbortController();
  try {
    return await Promise.race([client.withAbortSignal(over.signal, ask), silence(client, workflowId, over.signal)]);
  } finally {
    over.abort();
  }
}

/** Never resolves: a Temporal that answers now may be away before a worker answers. */
function silence(client: Client, workflowId: string, over: AbortSignal): Promise<never> {
  const look = async () => {
    const found = await client.workflow.getHandle(workflowId).describe();
    return (await failingIn(client, found)) ?? (await unservedQueue(client, found));
  };
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

/** A status code of gRPC. */
const deadlineExceeded = 4;
const unavailable = 14;

/** Tells if Temporal itself, not a worker, is unreachable. */
export const isDown = (error: unknown): boolean => codeOf(error) === unavailable;

/** Tells if Temporal did not answer a request that needs no worker. */
const isUnanswered = (error: unknown): boolean => isDown(error) || codeOf(error) === deadlineExceeded;

const codeOf = (error: unknown): number | undefined =>
  ((error as { cause?: { code?: number } }).cause ?? (error as { code?: number })).code;
