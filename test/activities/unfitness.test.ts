import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unfitness } from '../../activities/planning/unfitness';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeRuntime } from '../fakes/fake-runtime';
import { plan } from '../workflows/plans';

const home = mkdtempSync(join(tmpdir(), 'belay-unfit-'));
afterAll(() => rmSync(home, { recursive: true }));

test('a plan that is shown tells once what its preflights would find now', async () => {
  const runtime = fakeRuntime();
  const platforms = [{ os: 'linux', machine: 'arm64' }];
  runtime.describe = async () => ({ platforms, isList: false, download: 1 });
  const engine = await runtime.engine();
  runtime.engine = async () => ({ ...engine, ahead: 60_000 });
  const artifact = { ref: 'shop/api:2', digest: `sha256:${'2'.repeat(64)}`, local: false };
  const shown = plan({ service: 'api', artifact }, { service: 'web', artifact });
  expect(await unfitness(fakeDeps({ home, runtime }), shown)).toEqual([
    'image shop/api:2 is for linux/arm64, and this engine runs linux/amd64: it needs emulation (binfmt_misc); build it for linux/amd64: docker build --platform linux/amd64',
    "the clock of the engine is 1 min ahead of this machine's: deadlines and times in logs go by both; set both by NTP: timedatectl set-ntp true",
  ]);
  runtime.engine = async () => ({ ...engine, emulated: [] });
  expect(await unfitness(fakeDeps({ home, runtime }), shown)).toEqual([
    expect.stringMatching(/^a release ends before its first change: image shop\/api:2 .* without emulation/),
  ]);
});

test('an engine that says nothing of its folders and images holds no plan up', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
  const runtime = fakeRuntime();
  const silent = (): Promise<never> => new Promise(() => undefined);
  Object.assign(runtime, { folders: silent, describe: silent, has: silent, imageId: silent });
  const artifact = { ref: 'shop/api:2', digest: `sha256:${'2'.repeat(64)}`, local: false };
  let said: string[] | undefined;
  void unfitness(fakeDeps({ home, runtime }), plan({ service: 'api', artifact })).then((all) => {
    said = all;
  });
  try {
    for (let waits = 0; waits < 20 && said === undefined; waits += 1) {
      await jest.advanceTimersByTimeAsync(5_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    jest.useRealTimers();
  }
  expect(said).toEqual([]);
});
