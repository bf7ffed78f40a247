import type { Step } from '../../src/model/plan';
import { summaryOf, describe as titleOf } from '../../src/model/steps';
import { plan, planAway, planBack, planFronted, planTested, planUnfronted, smoke } from '../workflows/plans';

const migrate = { name: 'migrate', when: 'before' as const, timeout: 1_000, command: ['up'] };
const plans = [
  plan({ validate: [smoke('before'), smoke('during'), smoke('after')], jobs: [migrate] }),
  ...[planAway(), planBack(), planFronted(), planTested(), planUnfronted()],
];
const steps = plans.flatMap((one) => [...one.steps, ...one.undo]);
const rows = new Map(steps.filter(({ kind }) => kind !== 'approve').map((step) => [rowOf(step), step]));

/** A row of the Web UI's timeline. */
function rowOf(step: Step): string {
  return `${step.kind} • ${summaryOf(step)}`;
}

test.each([...rows])('%s tells the kind once, and the service', (row, { kind, service }) => {
  expect(row.match(new RegExp(`\\b${kind}\\b`, 'g'))).toHaveLength(1);
  expect(row).toMatch(new RegExp(`\\b${service}\\b`));
});

test('a row of the timeline names its instance or artifact', () => {
  expect([...rows.keys()]).toEqual(
    expect.arrayContaining([
      'claim • api for revision 2',
      'pull • api: shop/api:2',
      'configure • api, revision 2',
      'launch • shop-api-r2-1',
      'probe • shop-api-r2-1',
      'drain • shop-api-r1-1',
      'record • api, revision 2',
    ]),
  );
  expect(steps.map(titleOf)).toContain('launch shop-api-r2-1');
});
