import { getExternalWorkflowHandle, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { Carried, PackedPlan } from '../src/plan/packed';
import type { Plan } from '../src/spec/plan';
import type {
  DropRequest,
  PruneRequest,
  ReleaseRequest,
  RetireRequest,
  RollbackRequest,
} from '../src/spec/release-input';
import type { ReleaseResult } from '../src/spec/status';
import { signals } from './messages';
import { planning } from './policies';
import { run } from './run';
import { type Waiter, whenFree } from './when-free';

/** Releases a platform: `{"platform": "shop", "versions": {"api": "2.5.0"}}`. */
export async function release(input: ReleaseRequest): Promise<Carried<ReleaseResult>> {
  return await run({
    kind: 'release',
    ...header(input),
    waits: input?.when_running !== undefined && input.when_running !== 'refuse',
    makePlan: (board, control) =>
      inTurn(input, { board, control }, () => proxyActivities<Activities>(planning).plan(input)),
  });
}

/**
 * Takes a platform back to the revision before: `{"platform": "shop"}`; or to whichever of the ledger:
 * `{"platform": "shop", "to": {"api": 4}}`. What the host has kept is not pulled.
 */
export async function rollback(input: RollbackRequest): Promise<Carried<ReleaseResult>> {
  return await run({
    kind: 'rollback',
    ...header(input),
    makePlan: () => proxyActivities<Activities>(planning).planRollback(input),
  });
}

/** Ends a set that a release has kept warm, when its time is over and unless another release has come. */
export async function retire(input: RetireRequest): Promise<Carried<ReleaseResult>> {
  const { planRetire } = proxyActivities<Activities>(planning);
  return await run({
    kind: 'retire',
    platform: input.platform,
    by: input.by,
    reason: input.reason,
    dryRun: false,
    after: input.after,
    waits: true,
    makePlan: (board, control) => whenFree({ makePlan: () => planRetire(input), board, control }),
  });
}

type MakePlan = () => Promise<Plan | PackedPlan>;

/** As the input says: refused at once where another release runs, or after that one's end, which is asked to come soon. */
async function inTurn(
  input: ReleaseRequest,
  rest: Omit<Waiter<never>, 'makePlan'>,
  makePlan: MakePlan,
): ReturnType<MakePlan> {
  const wish = input?.when_running ?? 'refuse';
  if (wish === 'refuse') return await makePlan();
  const asked = new Set<string>();
  return await whenFree({ makePlan, ...rest }, async (workflowId) => {
    if (wish !== 'replace' || asked.has(workflowId)) return;
    asked.add(workflowId);
    const said = { by: String(input.by ?? 'unknown'), reason: `replaced by ${workflowInfo().workflowId}` };
    // One that has just ended cannot be told any more, and need not.
    await getExternalWorkflowHandle(workflowId)
      .signal(signals.rollback, said)
      .catch(() => undefined);
  });
}

/** Takes a platform off its host, with all that is kept of it there: `{"platform": "shop"}`. */
export async function drop(input: DropRequest): Promise<Carried<ReleaseResult>> {
  return await run({
    kind: 'drop',
    ...header(input),
    makePlan: () => proxyActivities<Activities>(planning).planDrop(input),
  });
}

/** Removes what no revision keeps, of all platforms of the host: `{}`; or of one: `{"platform": "shop"}`. */
export async function prune(input: PruneRequest): Promise<Carried<ReleaseResult>> {
  return await run({
    kind: 'prune',
    ...header(input),
    ...(input?.platform === undefined && { platform: '*' }),
    makePlan: () => proxyActivities<Activities>(planning).planPrune(input),
  });
}

type Request = ReleaseRequest | RollbackRequest | DropRequest | PruneRequest;

/** An environment goes by what it is most likely called, until the plan says it. */
const header = (input: Request | undefined) => ({
  platform: [input?.platform ?? '', ...(input && 'env' in input && input.env ? [input.env] : [])].join('-'),
  by: String(input?.by ?? 'unknown'),
  reason: String(input?.reason ?? ''),
  dryRun: input?.dry_run ?? false,
});
