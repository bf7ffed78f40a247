import { ActivityFailure, proxyActivities, TimeoutFailure } from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { Inspection, InspectRequest } from '../src/spec/release-input';
import { type Given, only } from './asked';
import { told } from './ending';
import { failureOf } from './failures';

/** Asks a host what only its own files and engine tell: `{"what": "doctor", "host": "web-1", "platform": "shop"}`. Changes nothing. */
export async function inspect(...given: Given<InspectRequest>): Promise<Inspection> {
  const input = only(given);
  const taskQueue = typeof input?.host === 'string' ? `belay-host-${input.host}` : 'belay';
  try {
    return await proxyActivities<Activities>({
      taskQueue,
      scheduleToStartTimeout: '20s',
      startToCloseTimeout: '2m',
      retry: { maximumAttempts: 3 },
      summary: 'look at the host',
    }).inspect(input);
  } catch (error) {
    const { code, message, hint } = isUntaken(error) ? nobody(taskQueue) : failureOf(error);
    throw told({ type: code, message, details: [{ hint }] });
  }
}

const isUntaken = (error: unknown): boolean =>
  error instanceof ActivityFailure &&
  error.cause instanceof TimeoutFailure &&
  error.cause.timeoutType === 'SCHEDULE_TO_START';

const nobody = (taskQueue: string) => ({
  code: 'temporal-unreachable',
  message: `no worker has taken the question from the task queue ${taskQueue} within 20 s`,
  hint: 'look whether the name of the host is right, and its worker runs',
});
