import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deps } from '../../activities';
import { plan } from '../../activities/planning/release';
import { takeFence } from '../../src/hosts/fence';
import type { Plan } from '../../src/model/plan';
import { adaptersOf } from '../fakes/adapters';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeProxy } from '../fakes/fake-proxy';
import { type FakeRuntime, fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';
import { composeLabels, ownLabels, runs } from '../fakes/running';
import { desiredService } from '../plan/arbitraries';

const old = { platform: 'shop', service: 'old' };
let home: string;
let runtime: FakeRuntime;
let deps: Deps;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-removed-'));
  const folder = join(home, 'specs');
  mkdirSync(folder);
  writeFileSync(join(folder, 'belay.yaml'), 'platform: shop\nservices: { api: { image: "shop/api:1" } }\n');
  runtime = fakeRuntime();
  runtime.addImage('shop/api:1');
  deps = fakeDeps({
    home,
    host: 'host-1',
    specs: [folder],
    runtime,
    proxyOf: adaptersOf(() => fakeProxy({ backends: {} })),
  });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/**
 * Begins a first release of a service that the spec no longer names, and terminates it. With `adopted`, Compose ran it
 * before.
 */
async function begun({ adopted = false } = {}): Promise<void> {
  const ledger = deps.ledger.of(old);
  const site = { proxies: {}, ports: { first: 20_000, last: 20_010 } };
  const common = { site, by: '', reason: '', release: 'release/shop/1' };
  const desired = desiredService({ service: 'old', routes: [], instances: 1, project: 'shop' });
  if (adopted) {
    await ledger.adopt({ task: { kind: 'run' }, ...common, desired, snapshots: {} });
    await ledger.setHead(0);
    await running('shop-old-1', composeLabels('old'));
  }
  await ledger.writePending({ task: { kind: 'run' }, ...common, number: 1, desired });
  await running('shop-old-r1-1', ownLabels({ service: 'old' }));
}

const running = (name: string, labels: Record<string, string>): Promise<void> =>
  runs(runtime, { name, image: 'shop/old:1', labels });

const planned = (input: object = {}): Promise<Plan> =>
  runActivity(plan(deps) as (input: unknown) => Promise<Plan>, { platform: 'shop', ...input });

const retired = ({ steps }: Plan) => steps.flatMap((step) => (step.kind === 'retire' ? [step.instance.name] : []));

test.each([[false], [true]])(
  'what a terminated first release has left of a service is stopped when the spec names it no more (run by Compose before: %s)',
  async (adopted) => {
    await begun({ adopted });
    const made = await planned();
    expect(made.services.find(({ service }) => service === 'old')).toMatchObject({ removed: true });
    // No route led to it, so nobody drains it.
    expect(made.warnings).toContain('old: is no longer in the spec: it is stopped');
    expect(retired(made)).toEqual(['shop-old-r1-1']);
  },
);

test('a release that waits for others waits for those of a service that is to go, too', async () => {
  await begun();
  const owner = { workflowId: 'release/shop/other', runId: 'r' };
  const token = { ...old, epoch: 1, owner, step: 'claim', attempt: 1 };
  await takeFence({ home, token, ...deps.temporal, takeOver: false });
  await expect(planned({ when_running: 'queue' })).rejects.toMatchObject({
    code: 'held-by-another',
    message: 'shop/old is held by release/shop/other',
  });
});
