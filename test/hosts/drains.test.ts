import { beginDrain, drainStartedAt, endDrain } from '../../src/hosts/drains';
import { hostPaths } from '../../src/hosts/home';
import { key, modeOf, useHome } from './support';

const home = useHome();
const instance = 'shop-api-r1-1';
const begin = (epoch: number) => beginDrain({ home: home.path(), ...key, instance, epoch });
const startedAt = () => drainStartedAt({ home: home.path(), instance });
const end = () => endDrain({ home: home.path(), instance });

beforeEach(() => jest.useFakeTimers({ now: 1_000, doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] }));
afterEach(() => jest.useRealTimers());

test('begins once in an epoch', async () => {
  await expect(startedAt()).resolves.toBeUndefined();
  await expect(begin(1)).resolves.toBe(1_000);
  jest.setSystemTime(5_000);
  await expect(begin(1)).resolves.toBe(1_000);
  await expect(startedAt()).resolves.toBe(1_000);
  expect(modeOf(hostPaths(home.path()).drain(instance))).toBe('600');
});

test('begins anew in another epoch, and after it has ended', async () => {
  await begin(1);
  jest.setSystemTime(5_000);
  await expect(begin(2)).resolves.toBe(5_000);
  await end();
  await end();
  await expect(startedAt()).resolves.toBeUndefined();
  jest.setSystemTime(6_000);
  await expect(begin(2)).resolves.toBe(6_000);
});

test('counts for one run of the instance alone, where it says so', async () => {
  const of = (run?: string) => ({ home: home.path(), instance, run });
  await beginDrain({ ...of('first'), ...key, epoch: 1 });
  await expect(drainStartedAt(of('first'))).resolves.toBe(1_000);
  await expect(drainStartedAt(of('second'))).resolves.toBeUndefined();
  jest.setSystemTime(5_000);
  await expect(beginDrain({ ...of('second'), ...key, epoch: 1 })).resolves.toBe(5_000);
  await expect(drainStartedAt(of())).resolves.toBe(5_000);
});
