import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { ReleaseRequest, RollbackRequest } from '../src/spec/release-input';
import type { ReleaseResult } from '../src/spec/status';
import { planning } from './policies';
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

/** An environment goes by what it is most likely called, until the plan says it. */
const header = (input: ReleaseRequest | RollbackRequest | undefined) => ({
  platform: [input?.platform ?? '', ...(input?.env ? [input.env] : [])].join('-'),
  by: String(input?.by ?? 'unknown'),
  reason: String(input?.reason ?? ''),
  dryRun: input?.dry_run ?? false,
});
