import { waitFor } from '../../testbed';
import { expectSettled, headOf } from './expect-settled';
import { earlyChecks, releaseTo, type Stage, setStage, versionsAt } from './stage';

const name = 'e2efull';
let stage: Stage;

beforeAll(async () => {
  stage = await setStage({
    versions: [
      { tag: '1', env: { SHUTDOWN_MS: '50' } },
      { tag: '2', env: { SHUTDOWN_MS: '50' } },
    ],
    haproxy: { options: earlyChecks },
    platform: { name, instances: 3, firstPort: 20000 },
  });
}, 360_000);

afterAll(() => stage?.stop(), 60_000);

test('loses no request of keep-alive clients, in 20,000 and more', async () => {
  const { from, to } = await versionsAt(stage, { count: 3 });
  const load = await stage.load({ ratePerSecond: undefined });
  const since = Date.now();
  await releaseTo(stage, { versions: { api: to } });
  await waitFor({
    what: '20,000 requests',
    until: async () => (await load.snapshot()).requests >= 20_000,
    within: 180_000,
  });
  const report = await load.stop();
  console.log(
    `v${from} to v${to}, keep-alive: ${report.failed} of ${report.requests} failed, slowest ${report.max.toFixed(0)} ms`,
  );
  expect(report.byVersion).toEqual({ [from]: expect.any(Number), [to]: expect.any(Number) });
  const head = (await headOf(stage.platform))!;
  const created = [1, 2, 3].map((index) => `${name}-api-r${head}-${index}`);
  await expectSettled({ ...stage, instances: 3, since, version: to, created, report });
}, 270_000);
