import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StepInput } from '../../activities';
import { launch } from '../../activities/steps/launch';
import { swap } from '../../activities/steps/swap';
import type { EffectId } from '../../src/hosts/effects';
import type { Step } from '../../src/model/plan';
import { waitFor } from '../../testbed/wait';
import { adaptersOf } from '../fakes/adapters';
import { fakeDeps } from '../fakes/fake-deps';
import { type FakeProxyOptions, fakeProxy } from '../fakes/fake-proxy';
import { fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';
import { ownLabels, runs } from '../fakes/running';

const name = 'shop-api-1';
const ref = { backend: 'api', server: 's1' };
const address = '127.0.0.1:20001';
const instance = {
  name,
  revision: 0,
  ports: { 8080: 20001 },
  slots: [{ proxy: 'edge', port: 8080, ...ref }],
};
const base = { service: 'api', host: 'h', epoch: 1, needs: [] };
const launchStep = { ...base, id: 'api/launch/x', kind: 'launch' as const, instance, fingerprint: 'f' };
const swapStep = { ...base, id: 'api/swap/x', kind: 'swap' as const, enter: instance };

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-stage-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** A proxy with one server, and an engine on which the instance runs where that is said. */
async function host(options: Partial<FakeProxyOptions> & { runs?: boolean } = {}) {
  const runtime = fakeRuntime();
  const create = { Image: 'shop/api:1', Labels: ownLabels({ revision: 0 }) };
  runtime.addImage(create.Image);
  if (options.runs) await runs(runtime, { name, image: create.Image, labels: create.Labels });
  const proxy = fakeProxy({ backends: { api: ['s1'] }, ...options });
  const effects: EffectId[] = [];
  const deps = fakeDeps({
    home,
    runtime,
    proxyOf: adaptersOf(() => proxy),
    ledger: { of: () => ({ revision: async () => ({ snapshots: { [name]: create }, desired: {} }) }) } as never,
    effects: {
      effect(id, _token, act) {
        effects.push(id);
        return act();
      },
    },
  });
  const engine = await runtime.identity();
  const carryOut = async (step: Step, round = 1) => {
    const proxies = { edge: { kind: 'haproxy', socket: '/s', config: '/c' } };
    const input = { format: 1, step, round, platform: 'shop', proxies, engine } as unknown as StepInput<never>;
    const act = step.kind === 'launch' ? launch : swap;
    await runActivity<StepInput<never>, unknown>(act(deps), input);
  };
  const server = async () => (await proxy.observe('api'))[0]!;
  return { proxy, effects, carryOut, server };
}

test("a launch leads the instance's servers to it once it has started, out of traffic", async () => {
  const { effects, carryOut, server } = await host();
  await carryOut({ ...launchStep, stage: true });
  expect(effects).toEqual(['launch.create', 'launch.start', 'launch.stage']);
  expect(await server()).toMatchObject({ address, state: 'drain' });
});

test.each([
  ['whose servers are not free yet', launchStep, {}],
  ['whose clients would stay with a server that drains', { ...launchStep, stage: true as const }, { sticky: ['api'] }],
])('a launch leaves servers alone of an instance %s', async (_which, step, options) => {
  const { effects, carryOut, server } = await host(options);
  await carryOut(step);
  expect(effects).toEqual(['launch.create', 'launch.start']);
  expect(await server()).toMatchObject({ state: 'maint' });
});

test('a launch after a retry takes the servers out that led to what somebody has removed', async () => {
  const { proxy, effects, carryOut, server } = await host({ sticky: ['api'] });
  proxy.set(ref, { address, state: 'ready' });
  await carryOut({ ...launchStep, stage: true }, 2);
  expect(effects).toEqual(['drain.remove', 'launch.create', 'launch.start']);
  expect(await server()).toMatchObject({ state: 'maint' });
});

test('a launch after a retry leaves the servers of an instance that is there', async () => {
  const { proxy, effects, carryOut, server } = await host({ runs: true });
  proxy.set(ref, { address, state: 'ready' });
  await carryOut(launchStep, 2);
  expect(effects).toEqual(['launch.create', 'launch.start']);
  expect(await server()).toMatchObject({ address, state: 'ready' });
});

test('a swap admits at once what the launch has staged and the proxy has found healthy', async () => {
  const { proxy, effects, carryOut, server } = await host({ runs: true });
  await proxy.stage(ref, address);
  await carryOut({ ...swapStep, staged: true });
  expect(effects).toEqual(['swap.admit']);
  expect(await server()).toMatchObject({ address, state: 'ready' });
});

test.each([
  ['waits for', 'failing', ['swap.admit']],
  ['asks anew for', 'pending', ['swap.stage', 'swap.admit']],
] as const)(
  "a swap %s the proxy's own check of what the launch has staged, while that is %s",
  async (_what, check, expected) => {
    const { proxy, effects, carryOut } = await host({ runs: true });
    await proxy.stage(ref, address);
    proxy.setCheck(ref, check);
    proxy.calls.length = 0;
    const swapped = carryOut({ ...swapStep, staged: true });
    const looks = () => proxy.calls.filter((call) => call.startsWith('observe'));
    await waitFor({ what: 'looks at the server', within: 5_000, every: 10, until: async () => looks().length > 2 });
    expect(effects).not.toContain('swap.admit');
    proxy.setCheck(ref, 'passing');
    await swapped;
    expect(effects).toEqual(expected);
  },
);

test.each([
  ['that the launch has left alone', { staged: true as const }, undefined],
  ['that has run before this release', {}, address],
])('a swap lets the proxy check an instance anew %s', async (_which, over, before) => {
  const { proxy, effects, carryOut, server } = await host({ runs: true });
  if (before) await proxy.stage(ref, before);
  await carryOut({ ...swapStep, ...over });
  expect(effects).toEqual(['swap.stage', 'swap.admit']);
  expect(await server()).toMatchObject({ address, state: 'ready' });
});
