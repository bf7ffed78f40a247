import { renderFleet } from '../../src/cli/render/fleet';
import type { InstanceNow, ServiceNow } from '../../src/observe/fleet-now';
import { plain } from './support';

const now = Date.parse('2026-11-30T12:00:00Z');
const instance = (more: Partial<InstanceNow>): InstanceNow => ({
  name: 'shop-api-r2-1',
  revision: 2,
  artifact: 'shop/api:2',
  state: 'running',
  restarts: 0,
  health: 'healthy',
  startedAt: '2026-11-30T11:58:00Z',
  ...more,
});
const rendered = (...services: ServiceNow[]) =>
  renderFleet({ platform: 'shop', services }, { colors: plain, now }).split('\n');

test('a line for each instance, with what differs from the recorded revision', () => {
  const instances = [
    instance({ name: 'shop-api-r1-1', revision: 1, artifact: 'shop/api:1', traffic: 'draining', inFlight: 3 }),
    instance({ traffic: 'in', inFlight: 12 }),
    instance({ name: 'shop-api-r2-2', state: 'exited', exitCode: 137, restarts: 4, health: 'none', traffic: 'out' }),
  ];
  const [head, ...lines] = rendered({ service: 'api', head: 2, wanted: 2, instances });
  expect(head).toMatch(/^service +instance +version +state +health +traffic +in flight +since$/);
  expect(lines.map((line) => line.replace(/ +/g, ' ').trim())).toEqual([
    'api shop-api-r1-1 shop/api:1 (r1) running healthy draining 3 2 m 00 s',
    'shop-api-r2-1 shop/api:2 running healthy in 12 2 m 00 s',
    'shop-api-r2-2 shop/api:2 exited (137), restarts: 4 out',
  ]);
});

test('what is missing comes first, with the way out; then what is not known', () => {
  const shortage = 'api: none of the 2 instances of revision 2 runs';
  const one = { service: 'api', head: 2, wanted: 2, instances: [], shortage };
  const lines = rendered({ ...one, unknown: 'the proxy does not answer' });
  expect(lines.slice(0, 3)).toEqual([
    `✗ ${shortage}`,
    expect.stringContaining('belay restart -p shop --service api'),
    '! api: the proxy does not answer',
  ]);
  expect(lines.at(-1)).toMatch(/^api +none$/);
});

test('what was never recorded and has traffic comes with the way out, unless a release has it', () => {
  const unrecorded = 'shop-api-r5-1 of revision 5, which was never recorded, has traffic';
  const one = { service: 'api', head: 2, wanted: 2, instances: [], unrecorded };
  expect(rendered(one).slice(0, 2)).toEqual([
    `! api: ${unrecorded}`,
    expect.stringContaining('belay restart -p shop --service api'),
  ]);
  expect(rendered({ ...one, owner: 'release/shop/a' })[0]).toContain('release/shop/a has it');
});

test('a service that a release has may have fewer for a while', () => {
  const shortage = 'api: only 1 of the 2 instances of revision 2 runs';
  const one = { service: 'api', head: 2, wanted: 2, instances: [], owner: 'release/shop/a' };
  expect(rendered({ ...one, shortage })[0]).toBe(`! ${shortage}: release/shop/a has it; belay status release/shop/a`);
  expect(rendered(one)[0]).toBe('! api: release/shop/a has it; belay status release/shop/a');
});

test('a platform of which nothing runs', () => {
  expect(rendered()).toEqual(['nothing of shop runs here by a release', '  → belay release']);
});
