import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { Inspection, InspectRequest } from '../src/model/requests';
import { hintedFailure } from './ending';
import { failureOf, isUntaken } from './failures';
import { type Inputs, onlyInput, readInput } from './input';
import { queueOf } from './policies';

const untilTaken = 10_000;

/**
 * Asks a host for facts of its own files and engine: `{"what": "doctor", "host": "web-1", "platform": "shop"}`. Changes
 * nothing.
 */
export async function inspect(...given: Inputs<InspectRequest>): Promise<Inspection> {
  const input = onlyInput(given);
  const { host } = readInput(input);
  try {
    return await proxyActivities<Activities>({
      taskQueue: queueOf(host),
      scheduleToStartTimeout: untilTaken,
      startToCloseTimeout: '2m',
      retry: { maximumAttempts: 3 },
      summary: 'look at the host',
    }).inspect(input);
  } catch (error) {
    throw hintedFailure(isUntaken(error) ? untaken(host) : failureOf(error));
  }
}

/** An empty `host` means that any worker could have taken the request. */
const untaken = (host: string) => ({
  code: 'worker-unreachable',
  message: `no worker${host && ` of host ${host}`} has taken the request within ${untilTaken / 1000} s`,
  hint: "check the host's name, and whether its worker runs",
});
