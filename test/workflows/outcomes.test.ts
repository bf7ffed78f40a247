import { exitCodeOfResult } from '../../src/cli/exit-codes';
import { type Belay, connectBelay, type ReleaseHandle } from '../../src/client';
import type { Plan } from '../../src/model/plan';
import type { Outcome } from '../../src/model/status';
import { waitFor } from '../../testbed/wait';
import { planBlueGreen } from '../replay/plans';
import { planCopies } from './backed-up';
import { planShutdowns } from './drilled';
import { plan, planAway, planBack, settled, smoke } from './plans';
import { planRestored } from './restored';
import { createScript, fails, type Script } from './script';
import { createStage, type Stage } from './stage';

/** Each kind of workflow ends with one word, the same in result, status and search attribute. */

const launch = 'api/launch/shop-api-r2-1';
const gated = plan({ instances: 2, strategy: { kind: 'rolling', surge: 1, unavailable: 0, pause_after: 1 } });
const later = { ...smoke('after'), when: [], later: 60_000 };

let stage: Stage;
let belay: Belay;
let script: Script;
beforeAll(async () => {
  stage = await createStage({ others: () => script });
  belay = await connectBelay(stage.client);
});
afterAll(() => stage.close());

const shop = { platform: 'shop', by: 'ana' };

const release = () => belay.release(shop);

/** Says it to the release at its gate. */
async function answered(act: (handle: ReleaseHandle) => Promise<unknown>): Promise<ReleaseHandle> {
  const handle = await release();
  await waitFor({ what: 'its gate', until: async () => (await handle.status()).waiting.length > 0 });
  await act(handle);
  return handle;
}

/** Returns the workflow that the release has started in its step. */
async function startedBy(step: string): Promise<ReleaseHandle> {
  const handle = await release();
  await handle.result();
  return belay.get((await handle.status()).steps[step]!.note!);
}

const failing = () => createScript(plan()).on(launch, fails('launch-failed'));

/** A release that keeps its former set warm for a moment. */
function warm(): Plan {
  const { steps, ...rest } = planBlueGreen();
  return { ...rest, steps: steps.map((step) => (step.kind === 'warm' ? { ...step, time: 1 } : step)) };
}

interface Row {
  start: () => Promise<ReleaseHandle>;
  given: () => Plan | Script;
  prefix: string;
  outcome: Outcome;
  closed: 'COMPLETED' | 'FAILED' | 'CANCELLED';
  code: number;
  /** False for dry runs, which no search for releases finds. */
  labelled?: false;
}

const good = { closed: 'COMPLETED', code: 0 } as const;
const bad = { closed: 'FAILED' } as const;
const rows: Array<[what: string, row: Row]> = [
  ['a release', { start: release, given: plan, prefix: 'release/shop/', outcome: 'released', ...good }],
  [
    'a release with nothing to do',
    { start: release, given: settled, prefix: 'release/shop/', outcome: 'unchanged', ...good },
  ],
  [
    'a release that fails',
    { start: release, given: failing, prefix: 'release/shop/', outcome: 'failed', ...bad, code: 3 },
  ],
  [
    'a release that is left as it is',
    {
      start: release,
      given: () => createScript(plan({ on_failure: 'leave' })).on(launch, fails('launch-failed')),
      ...{ prefix: 'release/shop/', outcome: 'left', ...bad, code: 3 },
    },
  ],
  [
    'a release that a person takes back',
    {
      start: () => answered((one) => one.say('rollback', { by: 'ben' })),
      ...{ given: () => gated, prefix: 'release/shop/', outcome: 'rolled-back', ...good },
    },
  ],
  [
    'a release that is rejected',
    {
      start: () => answered((one) => one.say('reject', { by: 'ben' })),
      ...{ given: () => gated, prefix: 'release/shop/', outcome: 'rejected', ...bad, code: 5 },
    },
  ],
  [
    'a release that is cancelled',
    {
      start: () => answered((one) => one.cancel()),
      ...{ given: () => gated, prefix: 'release/shop/', outcome: 'cancelled', closed: 'CANCELLED', code: 5 },
    },
  ],
  [
    'a plan',
    {
      start: () => belay.release({ ...shop, dry_run: true }),
      ...{ given: plan, prefix: 'plan/shop/', outcome: 'planned', ...good, labelled: false },
    },
  ],
  [
    'the plan of a rollback',
    {
      start: () => belay.rollback({ ...shop, dry_run: true }),
      ...{ given: planBack, prefix: 'plan/shop/', outcome: 'planned', ...good, labelled: false },
    },
  ],
  [
    'a rollback',
    { start: () => belay.rollback(shop), given: planBack, prefix: 'rollback/shop/', outcome: 'reverted', ...good },
  ],
  [
    'the retirement of a warm set',
    {
      start: () => startedBy('api/warm'),
      ...{ given: warm, prefix: 'retire/shop/api-r2@h', outcome: 'retired', ...good },
    },
  ],
  ['a drop', { start: () => belay.drop(shop), given: planAway, prefix: 'drop/shop/', outcome: 'removed', ...good }],
  ['a prune', { start: () => belay.prune({}), given: planAway, prefix: 'prune/all/', outcome: 'removed', ...good }],
  [
    'a backup',
    { start: () => belay.backup(shop), given: planCopies, prefix: 'backup/shop/', outcome: 'backed-up', ...good },
  ],
  [
    'a drill',
    {
      start: () => belay.drill({ ...shop, all: true }),
      ...{ given: planShutdowns, prefix: 'drill/shop/', outcome: 'passed', ...good },
    },
  ],
  [
    'a restore',
    {
      start: () => belay.restore({ ...shop, service: 'db', confirm: 'shop' }),
      ...{ given: planRestored, prefix: 'restore/shop/', outcome: 'restored', ...good },
    },
  ],
];

test.each(rows)('%s ends with one word', async (_, { start, given, prefix, outcome, closed, code, labelled }) => {
  const one = given();
  script = 'steps' in one ? createScript(one) : one;
  const handle = await start();
  const result = await handle.result();
  const { status, searchAttributes } = await stage.client.workflow.getHandle(handle.workflowId).describe();
  expect(handle.workflowId.slice(0, prefix.length)).toBe(prefix);
  expect({
    result: result.outcome,
    status: (await handle.status()).outcome,
    label: searchAttributes.BelayOutcome?.[0],
    closed: status.name,
    code: exitCodeOfResult(result),
  }).toEqual({ result: outcome, status: outcome, label: labelled === false ? undefined : outcome, closed, code });
});

test.each([
  ['that stays well', createScript(plan({ validate: [later] })), 'passed', 'COMPLETED'],
  [
    'of which nothing is known',
    createScript(plan({ validate: [later] })).on('api/validate/later/smoke', fails('inconclusive')),
    'failed',
    'FAILED',
  ],
])('a watch over a release %s does too', async (_, given, outcome, closed) => {
  script = given;
  const { workflowId } = await startedBy('api/later');
  const handle = stage.client.workflow.getHandle(workflowId);
  await handle.result().catch(() => undefined);
  const { status, searchAttributes } = await handle.describe();
  const { outcome: said } = await belay.watched(workflowId);
  expect(workflowId).toBe('watch/shop/api-r2@h');
  expect({ said, label: searchAttributes.BelayOutcome?.[0], closed: status.name }).toEqual({
    said: outcome,
    label: outcome,
    closed,
  });
});
