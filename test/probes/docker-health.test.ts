import { probe } from '../../src/probes';
import type { RuntimeInstance } from '../../src/runtimes/runtime';
import { check, instanceAt } from '../contracts/probe-contract';

describe('a docker check', () => {
  const on = (health: RuntimeInstance['health'], more: Partial<RuntimeInstance> = {}) =>
    probe({ instance: instanceAt(1, { ports: {}, health, ...more }), check: check({ docker: true }) });

  test('is healthy when HEALTHCHECK says so', async () => {
    expect(await on('healthy')).toEqual({ healthy: true });
  });

  test.each([
    ['starting', 'HEALTHCHECK is still starting'],
    ['unhealthy', 'HEALTHCHECK says unhealthy'],
    ['none', 'the container has no HEALTHCHECK'],
  ] as const)('is unhealthy when it is %s', async (health, why) => {
    expect(await on(health)).toEqual({ healthy: false, why });
  });

  test('is unhealthy once the instance has exited', async () => {
    expect(await on('healthy', { state: 'exited', exitCode: 1 })).toEqual({ healthy: false, why: 'it exited with 1' });
  });
});
