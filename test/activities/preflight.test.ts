import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createActivities, type StepInput, type StepResult } from '../../activities';
import { BelayError } from '../../src/errors';
import type { PinnedImage } from '../../src/model/artifact';
import type { Slot } from '../../src/model/observed';
import type { Fit, PreflightStep } from '../../src/model/plan';
import { labels } from '../../src/runtimes/runtime';
import { adaptersOf } from '../fakes/adapters';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeProxy } from '../fakes/fake-proxy';
import { type FakeRuntime, fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';

const names = Array.from({ length: 100 }, (_, index) => `s${index + 1}`);
const proxy = fakeProxy({ backends: { api: names, web: ['s1'] } });
const home = mkdtempSync(join(tmpdir(), 'belay-preflight-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

interface Given {
  runtime?: FakeRuntime;
  image?: PinnedImage;
  fit?: Fit;
  /** Milliseconds that Temporal's clock is ahead. */
  ahead?: number;
}

async function preflight(
  slots: Slot[],
  { runtime = fakeRuntime(), image, fit, ahead = 0 }: Given = {},
): Promise<StepResult> {
  const deps = fakeDeps({ home, runtime, proxyOf: adaptersOf(() => proxy) });
  deps.temporal.startedAt = async () => Date.now() + ahead;
  const base = { id: 'api/preflight', service: 'api', host: 'h', epoch: 1, needs: [] };
  const input: StepInput<PreflightStep> = {
    format: 1,
    step: { ...base, kind: 'preflight', ports: [], slots, artifact: image, fit },
    round: 1,
    platform: 'shop',
    engine: await deps.engine.identity(),
    proxies: { edge: { kind: 'haproxy', socket: '/edge', config: '/haproxy.cfg' } },
    by: '',
    reason: '',
  };
  return await runActivity(createActivities(deps).preflight, input);
}

const slot = (backend: string, server: string): Slot => ({ proxy: 'edge', backend, server, port: 8080 });

test('asks a proxy once for each backend, however many servers it is to use there', async () => {
  proxy.calls.length = 0;
  await preflight([...names.map((name) => slot('api', name)), slot('web', 's1')]);
  expect(proxy.calls).toEqual(['observe api', 'observe web']);
});

test('names a server that is gone from its backend', async () => {
  await expect(preflight([slot('api', 's1'), slot('api', 's101')])).rejects.toMatchObject({
    code: 'preflight-failed',
    message: 'proxy edge: backend api has no server s101 any more',
  });
});

const image = { ref: 'shop/api:2', digest: 'sha256:2', local: false };

/** An engine that does not have the image, and whose registry does. */
const offering = (more: Partial<FakeRuntime> = {}): FakeRuntime => {
  const runtime = fakeRuntime();
  runtime.publish(image.ref, image.digest);
  return Object.assign(runtime, more);
};

describe('on a small disk', () => {
  const small = join(home, 'engine');
  const folders = async () => [small];

  // A file system of its own: these tests run as root, as those of the kernel's rules do.
  beforeAll(() => {
    mkdirSync(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=100m', 'none', small]);
  });
  afterAll(() => execFileSync('umount', [small]));

  test('refuses an image of unknown size, and nothing that needs no room', async () => {
    const runtime = offering({ folders });
    await expect(preflight([], { runtime, image })).rejects.toMatchObject({
      code: 'preflight-failed',
      message: `${small}: 105 MB of disk are free, and a release needs 256 MB`,
      hint: expect.stringContaining('docker system df'),
    });
    runtime.addImage('shop/api:2', image.digest);
    await preflight([], { runtime, image });
    await preflight([], { runtime });
  });

  test('goes by the size of the image where its registry tells it', async () => {
    const of = (download: number) =>
      offering({ folders, describe: async () => ({ platforms: [], isList: false, download }) });
    expect(await preflight([], { runtime: of(1_000_000), image })).toEqual({});
    expect(await preflight([], { runtime: of(50_000_000), image })).toEqual({
      note: `${small}: 105 MB of disk are free, and the image shop/api:2 is a download of 50.0 MB, about 150 MB unpacked`,
    });
    await expect(preflight([], { runtime: of(412_000_000), image })).rejects.toMatchObject({
      message: `${small}: 105 MB of disk are free, and the image shop/api:2 is a download of 412 MB`,
    });
  });
});

test('says when the image before would not fit once more', async () => {
  const runtime = offering({
    folders: async () => [home],
    images: async () => [{ tag: 'belay/shop/api:r1', bytes: 2 ** 60 }],
  });
  expect(await preflight([], { runtime, image })).toEqual({
    note: expect.stringMatching(/ are free, and the image before this one takes 1152922 TB$/),
  });
});

test('refuses an image that its registry no longer has, before the pull', async () => {
  await expect(preflight([], { image })).rejects.toMatchObject({
    code: 'preflight-failed',
    message: 'shop/api:2 is neither in its registry nor on this engine',
    hint: 'push it',
  });
});

test('leaves a registry that does not answer to the pull', async () => {
  const runtime = offering();
  runtime.failNext('describe', new BelayError('registry-unreachable', 'the registry does not answer'));
  expect(await preflight([], { runtime, image })).toEqual({
    note: 'the registry does not answer; the release asks once more when it pulls',
  });
});

test('says that the clock of Temporal is another', async () => {
  expect(await preflight([], { ahead: -90_000, fit: { extra: 0 } })).toEqual({
    note: expect.stringMatching(/^the clock of Temporal is 1 min \d+ s behind this machine's: /),
  });
});

test('refuses an image for another machine, which this engine cannot run', async () => {
  const arm = [{ os: 'linux', machine: 'arm64' }];
  const runtime = offering({ describe: async () => ({ platforms: arm, isList: true, download: 1 }) });
  await expect(preflight([], { runtime, image })).rejects.toMatchObject({
    message: 'image shop/api:2 is for linux/arm64, and this engine runs linux/amd64',
  });
});

describe('of the load of a release', () => {
  const fit: Fit = { extra: 2, stop: { grace: 10_000 }, uncounted: 60_000 };
  const engine = { name: 'Docker Engine 19.03.1', os: 'linux', machines: ['amd64'], hasMirrors: false };

  async function running(more: Partial<FakeRuntime> = {}): Promise<FakeRuntime> {
    const runtime = offering(more);
    runtime.addImage('shop/api:1');
    const Labels = { [labels.platform]: 'shop', [labels.service]: 'api', [labels.revision]: '1' };
    await runtime.create({ name: 'shop-api-r1-1', template: { Image: 'shop/api:1', Labels } });
    await runtime.start('shop-api-r1-1');
    return runtime;
  }

  test('says what memory, stop and clocks may do, and goes on', async () => {
    const runtime = await running({
      facts: async () => ({ used: 2 ** 50, handles: [1] }),
      engine: async () => ({ ...engine, api: '1.41', ahead: -60_000 }),
    });
    const { note = '' } = await preflight([], { runtime, fit });
    expect(note.split('; ')).toEqual([
      "the clock of the engine is 1 min behind this machine's: deadlines and times in logs go by both",
      expect.stringMatching(/^api: the release runs 2 more instances for a while, of 1126 TB each, and .* available$/),
      'shop-api-r1-1 does not handle SIGTERM: it is killed after the whole stop.grace, 10 s',
      'api: work under way has 10 s after the stop signal (stop.grace), not the 1 min of drain.deadline: no proxy counts it',
    ]);
  });

  test('refuses an engine that is too old, and not on the way back', async () => {
    const runtime = await running({ engine: async () => ({ ...engine, api: '1.40', ahead: 0 }) });
    await expect(preflight([], { runtime, fit })).rejects.toMatchObject({
      message: 'Docker Engine 19.03.1 is too old: it has API 1.40, and Belay needs 1.41',
    });
    expect(await preflight([], { runtime })).toEqual({});
  });

  test('goes on where no fact can be had', async () => {
    const none = async () => Promise.reject(new Error('no'));
    const runtime = await running({ facts: none, engine: none, describe: none });
    runtime.addImage(image.ref, image.digest);
    expect(await preflight([], { runtime, fit: { extra: 2, stop: { grace: 10_000 } }, image })).toEqual({});
  });
});
