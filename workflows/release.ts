import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { DropRequest, PruneRequest, ReleaseRequest, RollbackRequest } from '../src/spec/release-input';
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

/**
 * Takes a platform back to the revision before: `{"platform": "shop"}`; or to whichever of the ledger:
 * `{"platform": "shop", "to": {"api": 4}}`. What the host has kept is not pulled.
 */
export async function rollback(input: RollbackRequest): Promise<ReleaseResult> {
  return await run({
    kind: 'rollback',
    ...header(input),
    makePlan: () => proxyActivities<Activities>(planning).planRollback(input),
  });
}

/** Takes a platform off its host, with all that is kept of it there: `{"platform": "shop"}`. */
export async function drop(input: DropRequest): Promise<ReleaseResult> {
  return await run({
    kind: 'drop',
    ...header(input),
    makePlan: () => proxyActivities<Activities>(planning).planDrop(input),
  });
}

/** Removes what no revision keeps, of all platforms of the host: `{}`; or of one: `{"platform": "shop"}`. */
export async function prune(input: PruneRequest): Promise<ReleaseResult> {
  return await run({
    kind: 'prune',
    ...header(input),
    platform: input?.platform ?? '*',
    makePlan: () => proxyActivities<Activities>(planning).planPrune(input),
  });
}

type Request = ReleaseRequest | RollbackRequest | DropRequest | PruneRequest;

const header = (input: Request | undefined) => ({
  platform: String(input?.platform ?? ''),
  by: String(input?.by ?? 'unknown'),
  reason: String(input?.reason ?? ''),
  dryRun: input?.dry_run ?? false,
});
