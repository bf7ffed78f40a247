import type { Deps } from '../../activities';
import { onOneHost } from '../../activities/planning/one-host';
import type { Plan } from '../../src/model/plan';

const made = { platform: 'shop' } as Plan;
const planned = (hosts: string[], given: unknown) =>
  onOneHost({ temporal: { hosts: async () => hosts } } as Deps, async () => made)(given);

test('a request that names no host is refused where several have workers', async () => {
  await expect(planned(['web-1', 'web-2'], { platform: 'shop' })).rejects.toMatchObject({
    code: 'input-invalid',
    message: 'the input names no host, and several have a worker: web-1, web-2',
    hint: expect.stringContaining('--host web-1'),
  });
});

test.each([
  [['web-1', 'web-2'], { host: 'web-2' }],
  [['web-1'], {}],
  [[], {}],
])('hosts %j, input %j: the plan is made', async (hosts, given) => {
  expect(await planned(hosts, given)).toBe(made);
});
