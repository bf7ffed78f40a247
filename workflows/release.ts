import { proxyActivities, sleep } from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { Plan } from '../src/spec/plan';
import type { ReleaseRequest, RetireRequest, RollbackRequest } from '../src/spec/release-input';
import type { ReleaseResult } from '../src/spec/status';
import { failureOf } from './failures';
import { planning, unreachablePause } from './policies';
import { run } from './run';

/** Releases a platform: `{"platform": "shop", "versions": {"api": "2.5.0"}}`. */
export async function release(input: ReleaseRequest): Promise<ReleaseResult> {
  return await run({
    kind: 'release',
    ...header(input),
    makePlan: () => proxyActivities<Activities>(planning).plan(input),
  });
}

/** Takes a platform back to the revision before: `{"platform": "shop"}`. Nothing is pulled. */
export async function rollback(input: RollbackRequest): Promise<ReleaseResult> {
  return await run({
    kind: 'rollback',
    ...header(input),
    makePlan: () => proxyActivities<Activities>(planning).planRollback(input),
  });
}

/** Ends a set that a release has kept warm, when its time is over and unless another release has come. */
export async function retire(input: RetireRequest): Promise<ReleaseResult> {
  const { planRetire } = proxyActivities<Activities>(planning);
  return await run({
    kind: 'retire',
    platform: input.platform,
    by: input.by,
    reason: input.reason,
    dryRun: false,
    after: input.after,
    makePlan: () => whenFree(() => planRetire(input)),
  });
}

/** A release that runs on the service ends first; it may have ended the set too. */
async function whenFree(makePlan: () => Promise<Plan>): Promise<Plan> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await makePlan();
    } catch (error) {
      if (failureOf(error).code !== 'held-by-another') throw error;
      await sleep(unreachablePause(tries, 'forward'));
    }
  }
}

const header = (input: ReleaseRequest | RollbackRequest | undefined) => ({
  platform: String(input?.platform ?? ''),
  by: String(input?.by ?? 'unknown'),
  reason: String(input?.reason ?? ''),
  dryRun: input?.dry_run ?? false,
});
