import { noopMetricMeter } from '@temporalio/common';
import { endings } from '../../src/model/counters';
import { beginCounters } from '../../src/worker/counters';

test('what the ledger knows is counted from none, with the labels of the step or workflow that counts', async () => {
  const begun: Array<{ name: string; value: number; tags: object }> = [];
  const meter = {
    createCounter: (name: string) => ({
      ...noopMetricMeter.createCounter(name),
      add: (value: number, tags = {}) => void begun.push({ name, value, tags }),
    }),
  };
  const ledger = {
    platforms: async () => ['shop', 'blog'],
    services: async (platform: string) => (platform === 'shop' ? ['api', 'web'] : []),
  };
  await beginCounters({ ledger, meter, namespace: 'belay', host: 'web-1' });
  const of = (name: string) => begun.filter((one) => one.name === name);
  expect(of('belay_forced_kill_total').map(({ tags }) => tags)).toEqual(
    ['api', 'web'].map((service) => ({
      namespace: 'belay',
      taskQueue: 'belay-host-web-1',
      activityType: 'retire',
      platform: 'shop',
      service,
    })),
  );
  expect(of('belay_drain_cut_total')).toHaveLength(2);
  expect(of('belay_release_total')).toHaveLength(2 * 2 * endings.length);
  expect(of('belay_watch_total').map(({ tags }) => tags)).toContainEqual({
    namespace: 'belay',
    taskQueue: 'belay',
    workflowType: 'watch',
    platform: 'shop',
    outcome: 'failed',
  });
  expect(begun.every(({ value }) => value === 0)).toBe(true);
});
