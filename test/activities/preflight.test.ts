import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createActivities, type StepInput, type StepResult } from '../../activities';
import type { PinnedImage } from '../../src/model/artifact';
import type { Slot } from '../../src/model/observed';
import type { PreflightStep } from '../../src/model/plan';
import { adaptersOf } from '../fakes/adapters';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeProxy } from '../fakes/fake-proxy';
import { type FakeRuntime, fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';

const names = Array.from({ length: 100 }, (_, index) => `s${index + 1}`);
const proxy = fakeProxy({ backends: { api: names, web: ['s1'] } });
const home = mkdtempSync(join(tmpdir(), 'belay-preflight-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

async function preflight(
  slots: Slot[],
  { runtime = fakeRuntime(), image }: { runtime?: FakeRuntime; image?: PinnedImage } = {},
): Promise<StepResult> {
  const deps = fakeDeps({ home, runtime, proxyOf: adaptersOf(() => proxy) });
  const base = { id: 'api/preflight', service: 'api', host: 'h', epoch: 1, needs: [] };
  const input: StepInput<PreflightStep> = {
    format: 1,
    step: { ...base, kind: 'preflight', ports: [], slots, artifact: image },
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

test('looks at the disk of the engine too, as far as the release needs it', async () => {
  const small = join(home, 'engine');
  mkdirSync(small);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=100m', 'none', small]);
  try {
    const runtime = fakeRuntime();
    runtime.folders = async () => [small];
    const image = { ref: 'shop/api:2', digest: 'sha256:2', local: false };
    await expect(preflight([], { runtime, image })).rejects.toMatchObject({
      code: 'preflight-failed',
      message: `${small}: 105 MB of disk are free, and a release needs 256 MB`,
      hint: expect.stringContaining('docker system df'),
    });
    runtime.addImage('shop/api:2', image.digest);
    await preflight([], { runtime, image });
    await preflight([], { runtime });
  } finally {
    execFileSync('umount', [small]);
  }
});

test('says when the image before would not fit once more', async () => {
  const runtime = fakeRuntime();
  runtime.folders = async () => [home];
  runtime.images = async () => [{ tag: 'belay/shop/api:r1', bytes: 2 ** 60 }];
  const image = { ref: 'shop/api:2', digest: 'sha256:2', local: false };
  expect(await preflight([], { runtime, image })).toEqual({
    note: expect.stringMatching(/ are free, and the image before this one takes 1152922 TB$/),
  });
});
