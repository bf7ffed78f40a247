import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createActivities, type Deps, type StepResult } from '../../activities';
import { takeFence } from '../../src/hosts/fence';
import { unpackPlan } from '../../src/model/packed';
import type { Plan, Step } from '../../src/model/plan';
import type { RuntimeKindName } from '../../src/spec/runtimes';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeRuntime } from '../fakes/fake-runtime';
import { type MemoryRuntime, memoryRuntime } from '../fakes/memory-runtime';
import { runActivity } from '../fakes/run-activity';
import { desiredService } from '../plan/arbitraries';

/** A host whose services run files, and on which no Docker Engine answers. */

const other = 'memory' as RuntimeKindName;
const key = { platform: 'shop', service: 'api' };

let home: string;
let memory: MemoryRuntime;
let deps: Deps;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-without-docker-'));
  memory = { ...memoryRuntime(), kind: other };
  memory.addFile('api:1');
  const docker = fakeDeps({ home, runtime: Object.assign(fakeRuntime(), { unreachable: true }) });
  deps = { ...docker, runtimeOf: (kind) => (kind === other ? memory : docker.runtimeOf(kind)) };
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Records so many revisions, each with its artifact and configuration. */
async function released(count: number, runtime?: RuntimeKindName): Promise<void> {
  const ledger = deps.ledger.of(key);
  const { artifact } = await memory.artifacts.pin({ ref: 'api:1' });
  const desired = { ...desiredService({ service: 'api', keep: 1, routes: [] }), image: artifact, runtime };
  const site = { proxies: {}, ports: { first: 20_000, last: 20_010 } };
  const common = { task: { kind: 'run' as const }, desired, site, by: '', reason: '', release: 'r' };
  for (let number = 1; number <= count; number++) {
    await ledger.writePending({ ...common, number, previous: number - 1 });
    await ledger.configure(number, { create: {} });
    await ledger.setState(number, 'recorded');
    await ledger.setHead(number);
    await memory.artifacts.fetch({ artifact, keep: { ...key, revision: number } });
  }
}

const planned = async (kind: 'planDrop' | 'planPrune' | 'planRollback', input: object = {}): Promise<Plan> =>
  unpackPlan(await runActivity(createActivities(deps)[kind], { platform: 'shop', ...input }));

const perform = async (step: Step, engine: string): Promise<StepResult> =>
  await runActivity(createActivities(deps)[step.kind as 'drop'], {
    ...{ format: 1, step: step as never, round: 1, platform: 'shop' },
    ...{ engine, proxies: {}, by: '', reason: '' },
  });

const keptRevisions = async () => (await memory.artifacts.kept(key)).map(({ revision }) => revision);

test('a prune finds what no revision keeps, and nothing after that', async () => {
  await released(4, other);
  const plan = await planned('planPrune');
  expect(plan).toMatchObject({ engine: 'memory', warnings: [] });
  for (const step of plan.steps) await perform(step, plan.engine);
  expect(await keptRevisions()).toEqual([3, 4]);
});

test('a prune has nothing to do where nothing was released', async () => {
  await released(1, other);
  expect(await planned('planPrune')).toMatchObject({ steps: [], warnings: [] });
});

test('a drop removes a service', async () => {
  await released(2, other);
  const plan = await planned('planDrop');
  for (const step of plan.steps) await perform(step, plan.engine);
  expect(await keptRevisions()).toEqual([]);
  expect(await deps.ledger.platforms()).toEqual([]);
});

test('a drop of what was never released has nothing to do', async () => {
  expect(await planned('planDrop')).toMatchObject({ steps: [], warnings: [expect.stringContaining('does not know')] });
});

test('the clean-up of a first release has nothing to remove', async () => {
  await released(1, other);
  const owner = { workflowId: 'test', runId: '00000000-0000-0000-0000-000000000000' };
  const token = { ...key, epoch: 1, owner, step: 'claim', attempt: 1 };
  const { namespace, cluster } = deps.temporal;
  await takeFence({ home, token, namespace, cluster, isOpen: async () => 'open', takeOver: false });
  const base = { id: 'api/cleanup', service: 'api', host: 'h', epoch: 1, needs: [], runtime: other };
  const result = await perform({ ...base, kind: 'cleanup', keep: 1 }, await memory.identity());
  expect(result).toEqual({ note: 'nothing to remove' });
});

test('a rollback lists where it may lead', async () => {
  await released(3, other);
  const { targets } = await planned('planRollback', { list: true });
  expect(targets).toMatchObject([{ revision: 2, imageAt: 'here' }, { revision: 1 }]);
});

test('a Docker Engine that a record names is missed', async () => {
  await released(1);
  for (const kind of ['planPrune', 'planDrop'] as const)
    await expect(planned(kind)).rejects.toMatchObject({ code: 'engine-unreachable' });
});
