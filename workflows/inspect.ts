import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { Inspection, InspectRequest } from '../src/model/requests';
import { asked, type Given, only } from './asked';
import { told } from './ending';
import { failureOf, isUntaken } from './failures';
import { queueOf } from './policies';

const untilTaken = 10_000;

/** Asks a host what only its own files and engine tell: `{"what": "doctor", "host": "web-1", "platform": "shop"}`. Changes nothing. */
export async function inspect(...given: Given<InspectRequest>): Promise<Inspection> {
  const input = only(given);
  const { host } = asked(input);
  try {
    return await proxyActivities<Activities>({
      taskQueue: queueOf(host),
      scheduleToStartTimeout: untilTaken,
      startToCloseTimeout: '2m',
      retry: { maximumAttempts: 3 },
      summary: 'look at the host',
    }).inspect(input);
  } catch (error) {
    const { code, message, hint } = isUntaken(error) ? untaken(host) : failureOf(error);
    throw told({ type: code, message, details: [{ hint }] });
  }
}

/** `host` is empty where any worker might have taken it. */
const untaken = (host: string) => ({
  code: 'worker-unreachable',
  message: `no worker${host && ` of host ${host}`} has taken the question within ${untilTaken / 1000} s`,
  hint: "check the host's name, and whether its worker runs",
});
