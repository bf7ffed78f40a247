import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deps, StepInput } from '../../activities';
import { claim } from '../../activities/steps/claim';
import { pull } from '../../activities/steps/pull';
import { readFence } from '../../src/hosts/fence';
import { hostPaths } from '../../src/hosts/home';
import { withLock } from '../../src/hosts/lock';
import type { ClaimStep, PullStep } from '../../src/model/plan';
import { fakeDeps } from '../fakes/fake-deps';
import { type FakeRuntime, fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';
import { composeLabels } from '../fakes/running';
import { desired, lasting } from '../hosts/support';

const platform = 'shop';
const image = { ref: 'registry/shop/api:1', digest: 'sha256:1', local: false };
let home: string;
let runtime: FakeRuntime;
let deps: Deps;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-locks-'));
  runtime = fakeRuntime();
  runtime.publish(image.ref, image.digest);
  deps = fakeDeps({ home, runtime });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** A step of the release with that run. */
function act<S extends ClaimStep | PullStep>(
  step: (deps: Deps) => (input: StepInput<S>) => Promise<unknown>,
  fields: Omit<S, 'id' | 'host' | 'needs'>,
  run = 'one',
): Promise<unknown> {
  const own = { id: `${fields.service}/${fields.kind}`, host: 'h', needs: [], ...fields };
  const common = { format: 1, round: 1, platform, engine: 'fake-engine', proxies: {}, by: 'me', reason: '' };
  const workflowExecution = { workflowId: `release/${run}`, runId: run };
  const input = { ...common, step: own } as unknown as StepInput<S>;
  return runActivity(step(deps), input, { workflowExecution });
}

const claimOf = (service: string, { epoch = 1, run = 'one', pending = undefined as ClaimStep['pending'] } = {}) =>
  act<ClaimStep>(
    claim,
    { kind: 'claim', service, epoch, revision: epoch, takeOver: false, ports: [20_000], pending },
    run,
  );
const pullOf = (service: string) =>
  act<PullStep>(pull, { kind: 'pull', service, epoch: 1, revision: 1, artifact: image });

/** The verb ends when it is told to. */
function slow(verb: 'fetch' | 'pinned') {
  const wait = lasting();
  const real = runtime[verb] as (...given: unknown[]) => Promise<unknown>;
  Object.assign(runtime, { [verb]: (...given: unknown[]) => wait.act().then(() => real(...given)) });
  return wait;
}

const isFree = (file: string) => withLock({ file, limit: 50 }, async () => true).catch(() => false);
/** Locks that another release, or another service's, would wait for. */
const freeLocks = async (service: string) =>
  await Promise.all([hostPaths(home).portsLock, hostPaths(home).serviceLock({ platform, service })].map(isFree));

test('a release is refused at once while another one pulls', async () => {
  await claimOf('api');
  const download = slow('fetch');
  const pulling = pullOf('api');
  await download.begun;
  await expect(claimOf('api', { epoch: 2, run: 'two' })).rejects.toMatchObject({ code: 'held-by-another' });
  download.end();
  await pulling;
  expect(await runtime.tags('belay/')).toEqual(['belay/shop/api:r1']);
});

test('a release that has ended is taken over from while a try of it pulls, and that try gives nothing a name', async () => {
  await claimOf('api');
  const download = slow('fetch');
  const pulling = pullOf('api');
  await download.begun;
  deps.temporal = { ...deps.temporal, isOpen: async () => 'closed' };
  await claimOf('api', { epoch: 2, run: 'two' });
  download.end();
  await expect(pulling).rejects.toMatchObject({ code: 'fence-stale' });
  expect(await runtime.tags('belay/')).toEqual([]);
});

test('services pull one image at once, each under its own name', async () => {
  await claimOf('api');
  await act<ClaimStep>(claim, { kind: 'claim', service: 'web', epoch: 1, revision: 1, takeOver: false });
  const download = slow('fetch');
  const both = Promise.all([pullOf('api'), pullOf('web')]);
  await download.begun;
  download.end();
  await both;
  expect(await runtime.tags('belay/')).toEqual(['belay/shop/api:r1', 'belay/shop/web:r1']);
});

test('no lock is held while Temporal is asked who runs', async () => {
  await claimOf('api');
  const free: boolean[] = [];
  const isOpen = async () => {
    free.push(...(await freeLocks('api')), ...(await freeLocks('web')));
    return 'closed' as const;
  };
  deps.temporal = { ...deps.temporal, isOpen };
  await claimOf('web', { run: 'two' });
  expect(free).toEqual([true, true, true, true]);
  expect((await readFence({ home, platform, service: 'web' })).owner).toMatchObject({ runId: 'two' });
});

test('no lock is held while the registry is asked for the image of what Compose has started', async () => {
  runtime.addImage('shop/api:0', 'sha256:0');
  const template = { Image: 'shop/api:0', Labels: composeLabels() };
  await runtime.create({ name: 'shop-api-1', template });
  const registry = slow('pinned');
  const adopted = desired({ project: 'shop' });
  const site = { proxies: {}, ports: { first: 1, last: 2 } };
  const claiming = claimOf('api', { pending: { task: { kind: 'run' }, desired: desired(), adopted, site } });
  await registry.begun;
  expect(await freeLocks('api')).toEqual([true, true]);
  registry.end();
  await claiming;
  expect((await deps.ledger.of({ platform, service: 'api' }).revision(0))?.desired.artifact).toMatchObject({
    ref: 'shop/api:0',
  });
});
