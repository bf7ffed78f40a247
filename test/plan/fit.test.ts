import type { PlannedService } from '../../src/model/desired';
import type { Plan } from '../../src/model/plan';
import { usualDeadline } from '../../src/plan/fit';
import { parseSpec } from '../../src/spec/parse';
import { plan, planBack } from '../workflows/plans';

const inPlan = ({ steps }: Plan) => {
  const [step] = steps.flatMap((one) => (one.kind === 'preflight' ? [one] : []));
  return step?.fit;
};
const fitOf = (asked: Partial<PlannedService>) => inPlan(plan(asked));
const stop = { grace: 10_000 };
const drain = { deadline: 60_000, at_deadline: 'proceed' as const };

test('the usual deadline is that of the spec', () => {
  const result = parseSpec({ text: 'platform: shop\nservices: { api: { image: a } }', file: 'belay.yaml' });
  expect(result).toMatchObject({ spec: { services: { api: { drain: { deadline: usualDeadline } } } } });
});

test('a release asks for its further instances, and says how it stops the former', () => {
  const rolling = { kind: 'rolling' as const, surge: 1, unavailable: 0 };
  expect(fitOf({ instances: 2, strategy: rolling, stop })).toEqual({ extra: 1, stop });
  expect(fitOf({ instances: 2, strategy: { kind: 'recreate' }, stop })).toEqual({ extra: 0, stop });
});

test('a deadline of the user’s own is told where no proxy counts what is under way', () => {
  expect(fitOf({ drain })).not.toHaveProperty('uncounted');
  expect(fitOf({ drain, leaders: ['Traefik'] })).toMatchObject({ uncounted: 60_000 });
  expect(fitOf({ drain: { ...drain, deadline: usualDeadline }, leaders: ['Traefik'] })).not.toHaveProperty('uncounted');
});

test('the way back asks for nothing', () => {
  expect(inPlan(planBack())).toBeUndefined();
});
