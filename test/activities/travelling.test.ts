import { travelling } from '../../activities/travelling';
import { planRelease } from '../../src/plan/plan-release';
import { fleetOf } from '../plan/fleets';

const strategy = { kind: 'rolling' as const, surge: 10, unavailable: 0 };
const planned = (size: { services: number; instances: number }) =>
  travelling(async () => planRelease(fleetOf({ strategy, ...size })))(undefined);

test('a plan that Temporal cannot carry is refused, with a way out', async () => {
  await expect(planned({ services: 10, instances: 150 })).rejects.toMatchObject({
    code: 'preflight-failed',
    message: expect.stringMatching(/^the plan of \d+ steps takes 2\.\d MiB, and Temporal accepts 2$/),
    hint: expect.stringContaining('services'),
  });
});

test('a shorter one is carried', async () => {
  expect(await planned({ services: 5, instances: 50 })).toMatchObject({ packed: 1, platform: 'shop' });
});
