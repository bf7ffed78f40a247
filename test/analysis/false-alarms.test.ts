import { alarms, latencyJudged, ratesJudged } from './simulated';

const runs = 500;

/** Four standard deviations above the chance of 1 % that a confidence of 98 % leaves on one side. */
const most = runs * 0.01 + 4 * Math.sqrt(runs * 0.01 * 0.99);

test('raises no more false alarms than its confidence allows, and finds some of a fifth more of latency', () => {
  expect(alarms(runs, (seed) => latencyJudged({ n: 20, seed }, 1))).toBeLessThan(most);
  expect(alarms(runs, (seed) => latencyJudged({ n: 20, seed }, 1.2))).toBeGreaterThan(runs / 4);
});

test('raises no more false alarms about errors, and finds 2 % of them against none', () => {
  const equal = { canary: 0.02, baseline: 0.02 };
  expect(alarms(runs, (seed) => ratesJudged({ n: 400, seed }, equal))).toBeLessThan(most);
  expect(alarms(runs, (seed) => ratesJudged({ n: 400, seed }, { canary: 0.02, baseline: 0 }))).toBeGreaterThan(
    runs / 2,
  );
});
