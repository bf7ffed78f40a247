import type { Plan } from '../../src/model/plan';
import type { ReleaseStatus } from '../../src/model/status';
import { measureBegin, measureEnd, measureWatchBegin, measureWatchEnd } from '../../workflows/measures';

const said: Array<[name: string, value: number, tags: Record<string, string>]> = [];
jest.mock('@temporalio/workflow', () => {
  const metric = (name: string) => {
    const say = (value: number, tags: Record<string, string>) => void said.push([name, value, tags]);
    return { add: say, record: say };
  };
  return { metricMeter: { createCounter: metric, createHistogram: metric } };
});

const status = (more: Partial<ReleaseStatus>): ReleaseStatus =>
  ({ platform: 'shop', kind: 'release', plan: {} as Plan, ...more }) as ReleaseStatus;
const names = () => said.map(([name]) => name);

beforeEach(() => {
  said.length = 0;
  jest.useFakeTimers({ now: 100_000 });
});
afterEach(() => jest.useRealTimers());

test('a release counts by its outcome, and takes its time', () => {
  measureEnd(status({ outcome: 'released' }), { began: 90_000 });
  const tags = { platform: 'shop', kind: 'release', outcome: 'released' };
  expect(said).toEqual([
    ['belay_release_total', 1, tags],
    ['belay_release_duration_seconds', 10, tags],
  ]);
});

test('one that turned back is a rollback, and recovers from then on', () => {
  measureEnd(status({ outcome: 'failed' }), { began: 90_000, turned: 96_000 });
  expect(said.at(-2)).toEqual(['belay_rollback_total', 1, { platform: 'shop', outcome: 'failed' }]);
  expect(said.at(-1)).toEqual(['belay_recovery_seconds', 4, expect.anything()]);
});

test('a rollback that was asked for later recovers from its start', () => {
  measureEnd(status({ kind: 'rollback', outcome: 'reverted' }), { began: 97_000 });
  expect(said.at(-1)).toEqual(['belay_recovery_seconds', 3, expect.anything()]);
});

test('nothing has recovered where the way back is incomplete', () => {
  measureEnd(status({ outcome: 'incomplete' }), { began: 90_000, turned: 96_000 });
  expect(names()).not.toContain('belay_recovery_seconds');
});

test('one that was refused before it had a plan was no release', () => {
  measureEnd(status({ outcome: 'failed', plan: undefined }), { began: 90_000 });
  expect(said).toEqual([]);
});

test('the counter of each way to end starts at 0', () => {
  measureBegin(status({}));
  expect(said.every(([name, value]) => name === 'belay_release_total' && value === 0)).toBe(true);
  expect(said.map(([, , { outcome }]) => outcome)).toEqual(
    expect.arrayContaining(['released', 'failed', 'rolled-back', 'incomplete']),
  );
});

test('a watch counts by its outcome, each from 0 on', () => {
  measureWatchBegin('shop');
  expect(said.map(([name, value, { outcome }]) => [name, value, outcome])).toEqual(
    ['passed', 'reverted', 'failed', 'superseded', 'cancelled'].map((outcome) => ['belay_watch_total', 0, outcome]),
  );
  measureWatchEnd('shop', 'failed');
  expect(said.at(-1)).toEqual(['belay_watch_total', 1, { platform: 'shop', outcome: 'failed' }]);
});
