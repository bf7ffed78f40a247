import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createActivities, type Deps, type StepInput, type StepResult } from '../../activities';
import { readFence, takeFence } from '../../src/hosts/fence';
import { keepProject } from '../../src/hosts/kept-projects';
import type { Front } from '../../src/model/desired';
import { unpackPlan } from '../../src/model/packed';
import type { Plan, Step } from '../../src/model/plan';
import { proxyTag } from '../../src/proxies/image-tags';
import { fakeDeps } from '../fakes/fake-deps';
import { type FakeRuntime, fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';
import { composeLabels, ownLabels, runs } from '../fakes/running';
import { desiredService } from '../plan/arbitraries';

let home: string;
let runtime: FakeRuntime;
let deps: Deps;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-removal-'));
  runtime = fakeRuntime();
  deps = fakeDeps({ home, runtime });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Records so many revisions, each with image, configuration and a log; the latest runs. */
async function released(
  count: number,
  { service = 'api', keep = 1, own = deps, fronts = (_: number): Front[] => [] } = {},
): Promise<void> {
  const ledger = own.ledger.of({ platform: 'shop', service });
  const site = { proxies: {}, ports: { first: 20_000, last: 20_010 } };
  mkdirSync(join(own.home, 'logs'), { recursive: true });
  for (let number = 1; number <= count; number++) {
    const desired = desiredService({ service, keep, routes: [], fronts: fronts(number) });
    await ledger.writePending({
      task: { kind: 'run' },
      number,
      previous: number - 1,
      desired,
      site,
      by: '',
      reason: '',
      release: `r${number}`,
    });
    await ledger.configure(number, { create: { Env: [`PASSWORD=secret-of-${number}`] } });
    await ledger.setState(number, 'recorded');
    await ledger.setHead(number);
    runtime.addImage(`belay/shop/${service}:r${number}`);
    writeFileSync(join(own.home, 'logs', `shop-${service}-r${number}-1.log`), 'said\n');
  }
  await running(service, count);
}

/** Does the same behind a managed proxy, whose image changes with each revision. */
async function fronted(count: number, service = 'api'): Promise<void> {
  const imageOf = (number: number) => ({ ref: 'haproxy', digest: `sha256:${`${number}`.repeat(64)}`, local: false });
  await released(count, { service, fronts: (number) => [{ proxy: 'edge', image: imageOf(number), routes: [] }] });
  for (let number = 1; number <= count; number++) runtime.addImage(proxyTag('shop', 'edge', imageOf(number)));
}

async function running(service: string, revision: number, platform = 'shop'): Promise<void> {
  await runs(runtime, {
    name: `${platform}-${service}-r${revision}-1`,
    image: `belay/${platform}/${service}:r${revision}`,
    labels: ownLabels({ platform, service, revision }),
  });
}

const planned = async (kind: 'planDrop' | 'planPrune', input: object = {}): Promise<Plan> =>
  unpackPlan(await runActivity(createActivities(deps)[kind], { platform: 'shop', ...input }));

/** All steps of the plan, in its order, as one attempt of one workflow. */
async function walk({ steps, ...plan }: Plan): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (const step of steps) results.push(await perform(step, { steps, ...plan }));
  return results;
}

async function perform(step: Step, { format, engine, proxies, platform }: Plan): Promise<StepResult> {
  const act = createActivities(deps)[step.kind as 'drop'] as (input: StepInput) => Promise<StepResult>;
  const own = step.kind === 'prune' ? step.removal.platform : platform;
  return await runActivity(act, { format, step, round: 1, platform: own, engine, proxies, by: '', reason: '' });
}

describe('a prune', () => {
  const tags = () => runtime.tags('belay/');
  const kept = async () =>
    (await deps.ledger.of({ platform: 'shop', service: 'api' }).revisions()).map(
      ({ number, configuration }) => `${number}${configuration ? '' : ' without its configuration'}`,
    );

  test('takes what is beyond keep: images, configurations, logs; and says what that frees', async () => {
    await released(4);
    const plan = await planned('planPrune');
    expect(plan.removals).toMatchObject([
      {
        images: [
          { tag: 'belay/shop/api:r1', bytes: 1_000_000 },
          { tag: 'belay/shop/api:r2', bytes: 1_000_000 },
        ],
        configurations: [1, 2],
        logs: ['shop-api-r1-1.log', 'shop-api-r2-1.log'],
      },
    ]);
    expect(await walk(plan)).toEqual([{ note: 'artifacts removed: 2, configurations: 2, logs: 2', freed: 2_000_000 }]);
    expect(await tags()).toEqual(['belay/shop/api:r3', 'belay/shop/api:r4']);
    expect(await kept()).toEqual(['1 without its configuration', '2 without its configuration', '3', '4']);
    expect(readdirSync(join(home, 'logs'))).toEqual(['shop-api-r3-1.log', 'shop-api-r4-1.log']);
    expect((await planned('planPrune')).steps).toEqual([]);
  });

  test('gives the service back, and a retry after that changes nothing', async () => {
    await released(3);
    const plan = await planned('planPrune');
    await walk(plan);
    const { epoch, owner } = await readFence({ home, platform: 'shop', service: 'api' });
    expect({ epoch, owner }).toEqual({ epoch: 1, owner: undefined });
    expect(await walk(plan)).toEqual([{ note: 'was already done' }]);
  });

  test('never touches another home on the same engine, and names what it does not know', async () => {
    await released(3);
    const other = mkdtempSync(join(tmpdir(), 'belay-removal-other-'));
    await released(3, { service: 'web', own: fakeDeps({ home: other, runtime }) });
    rmSync(other, { recursive: true });
    const plan = await planned('planPrune', { platform: undefined });
    await walk(plan);
    expect((await tags()).filter((tag) => tag.includes('web'))).toHaveLength(3);
    expect(runtime.names()).toContain('shop-web-r3-1');
    expect(plan.warnings).toEqual([
      "shop/web: this host's ledger does not know shop-web-r3-1, belay/shop/web:r1, belay/shop/web:r2, belay/shop/web:r3; left alone, because another Belay may own it",
    ]);
  });

  test('removes what a killed process has left of a file', async () => {
    await released(1);
    const torn = [
      'ledger/shop/api/fence.json.0123456789ab.tmp',
      'ledger/shop/api/revisions/1.json.0123456789ab.tmp',
      'drains/shop-api-r1-1.stop.json.0123456789ab.tmp',
      'logs/shop-api-r1-1.log.0123456789ab.tmp',
      'units/shop-api-r1-1.json.0123456789ab.tmp',
      'jobs/shop-api-r1-job-expand.json.0123456789ab.tmp',
      'logs/shop-api-r1-job-expand.log.0123456789ab.tmp',
      'artifacts/revisions/shop/api/r1.json.0123456789ab.tmp',
    ];
    const foreign = 'drains/shop-api-admin-r1-1.json.0123456789ab.tmp';
    for (const folder of ['drains', 'jobs', 'logs', 'units', 'artifacts/revisions/shop/api'])
      mkdirSync(join(home, folder), { recursive: true });
    for (const name of [...torn, foreign]) writeFileSync(join(home, name), '{"half');
    const plan = await planned('planPrune');
    expect([...plan.removals![0]!.leftovers].sort()).toEqual([...torn].sort());
    await walk(plan);
    expect(torn.filter((name) => existsSync(join(home, name)))).toEqual([]);
    expect(existsSync(join(home, foreign))).toBe(true);
  });

  test('removes once what a release that never ended has kept of the files of all services', async () => {
    await released(1);
    await released(1, { service: 'web' });
    await keepProject({ home, platform: 'shop', digest: 'a', project: {} });
    const plan = await planned('planPrune');
    expect(plan.removals!.map(({ service, leftovers }) => [service, leftovers])).toEqual([
      ['api', ['projects/shop/a.json']],
    ]);
    await walk(plan);
    expect((await planned('planPrune')).steps).toEqual([]);
  });

  test('leaves alone what a release holds, when it is planned and later', async () => {
    await released(3);
    const plan = await planned('planPrune');
    await claimedBy('release/shop/x', 1);
    deps.temporal = { ...deps.temporal, isOpen: async () => 'open' };
    expect(await walk(plan)).toEqual([{ note: expect.stringContaining('left alone: ') }]);
    expect(await tags()).toHaveLength(3);
    const again = await planned('planPrune');
    expect({ steps: again.steps, warnings: again.warnings }).toEqual({
      steps: [],
      warnings: ['shop/api is left alone: release/shop/x holds it'],
    });
  });
});

test('the clean-up of a release leaves tags alone of which the ledger knows no revision', async () => {
  await released(3);
  for (const unknown of ['r7', 'mine']) runtime.addImage(`belay/shop/api:${unknown}`);
  await claimedBy('test', 1, '00000000-0000-0000-0000-000000000000');
  const base = { id: 'api/cleanup', kind: 'cleanup' as const, service: 'api', host: 'h', epoch: 1, needs: [] };
  const plan = { format: 1 as const, engine: await runtime.identity(), proxies: {}, platform: 'shop' };
  expect(await perform({ ...base, keep: 1 }, plan as Plan)).toEqual({ note: 'artifacts removed: 1' });
  const left = ['r2', 'r3', 'r7', 'mine'].map((tag) => `belay/shop/api:${tag}`);
  expect(await runtime.tags('belay/')).toEqual(left.sort());
});

describe("images of a proxy of Belay's own", () => {
  const ofProxy = async () => (await runtime.tags('belay-proxy/')).map((tag) => tag.split(':')[1]!.charAt(0));
  const noFront = () => ({ ...deps.fronts, remove: async () => undefined });

  test('go with the revisions that asked for them, unless another service keeps one that does', async () => {
    await fronted(4);
    expect(await ofProxy()).toEqual(['1', '2', '3', '4']);
    await fronted(2, 'web');
    await walk(await planned('planPrune'));
    expect(await ofProxy()).toEqual(['1', '2', '3', '4']);
    deps.fronts = noFront();
    await walk(await planned('planDrop', { services: ['web'] }));
    expect(await ofProxy()).toEqual(['3', '4']);
  });

  test('are named once, however many services share the proxy', async () => {
    await fronted(3);
    await fronted(3, 'web');
    await released(3, { service: 'zoo' });
    const named = ({ removals }: Plan) =>
      removals!.map(({ service, images }) => [
        service,
        images.filter(({ tag }) => tag.startsWith('belay-proxy/')).length,
      ]);
    const expected = (count: number) => [
      ['api', count],
      ['web', 0],
      ['zoo', 0],
    ];
    expect(named(await planned('planPrune'))).toEqual(expected(1));
    expect(named(await planned('planDrop'))).toEqual(expected(3));
  });

  test('and its containers are shown before a drop, with the service that they serve', async () => {
    await fronted(1);
    await released(1, { service: 'web' });
    deps.fronts = {
      ...noFront(),
      containers: async ({ platform, proxy, service }) => [`${platform}-${proxy}-${service}-1`],
    };
    const { removals } = await planned('planDrop', { dry_run: true });
    expect(removals!.map(({ service, proxies }) => [service, proxies])).toEqual([
      ['api', ['shop-edge-api-1']],
      ['web', []],
    ]);
  });

  test('are gone when the last service is dropped, in whatever order they leave', async () => {
    await fronted(2);
    await fronted(2, 'web');
    deps.fronts = noFront();
    await walk(await planned('planDrop'));
    expect(await ofProxy()).toEqual([]);
  });
});

describe('a drop', () => {
  test('leaves nothing of the service but what is not Belay’s', async () => {
    await released(2);
    await runs(runtime, { name: 'shop-api-1', image: 'belay/shop/api:r1', labels: composeLabels() });
    await walk(await planned('planDrop'));
    expect(runtime.names()).toEqual(['shop-api-1']);
    expect(existsSync(join(home, 'ledger', 'shop'))).toBe(false);
    expect(readdirSync(join(home, 'logs'))).toEqual([]);
    expect(await planned('planDrop')).toMatchObject({
      steps: [],
      warnings: expect.arrayContaining(["this host's ledger does not know shop"]),
    });
  });

  test('of the last service leaves the host’s key and lock files, and no other file', async () => {
    await fronted(2);
    deps.fronts = { ...deps.fronts, remove: async () => undefined };
    await walk(await planned('planDrop'));
    const left = readdirSync(home, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
    expect(left.map(({ name }) => name).filter((name) => !name.endsWith('.lock'))).toEqual(['key']);
  });

  test('of one service leaves the others', async () => {
    await released(2);
    await released(2, { service: 'web' });
    await walk(await planned('planDrop', { services: ['api'] }));
    expect(runtime.names()).toEqual(['shop-web-r2-1']);
    expect(await deps.ledger.services('shop')).toEqual(['web']);
    expect(await runtime.tags('belay/')).toEqual(['belay/shop/web:r1', 'belay/shop/web:r2']);
  });

  test('that was done is done again without harm', async () => {
    await released(1);
    const plan = await planned('planDrop');
    await walk(plan);
    expect(await perform(plan.steps.at(-1)!, plan)).toEqual({ note: 'was already removed' });
  });

  test('is refused while a release runs', async () => {
    await released(1);
    await claimedBy('release/shop/x', 1);
    deps.temporal = { ...deps.temporal, isOpen: async () => 'open' };
    await expect(planned('planDrop', { dry_run: true })).rejects.toMatchObject({ code: 'held-by-another' });
  });
});

async function claimedBy(workflowId: string, epoch: number, runId = 'r'): Promise<void> {
  const token = {
    platform: 'shop',
    service: 'api',
    epoch,
    owner: { workflowId, runId },
    step: 'claim',
    attempt: 1,
  };
  const { namespace, cluster } = deps.temporal;
  await takeFence({ home, token, namespace, cluster, isOpen: async () => 'open', takeOver: false });
}
