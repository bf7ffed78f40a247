import type { ObservedInstance, ObservedService } from '../../src/model/observed';
import { planDrop } from '../../src/plan/plan-drop';
import { desiredService } from './arbitraries';

const instance = (name: string, slots: ObservedInstance['slots']): ObservedInstance => ({
  name,
  revision: 1,
  fingerprint: 'f',
  state: 'running',
  ports: { 8080: 20_000 },
  published: [20_000],
  slots,
  traffic: slots.length > 0 ? 'in' : 'out',
});

const slot = { proxy: 'edge', backend: 'api', server: 's1', port: 8080 };
const seen = (instances: ObservedInstance[]): ObservedService => ({
  fence: { epoch: 4 },
  head: 1,
  revisions: [],
  nextRevision: 2,
  instances,
  freeSlots: [],
});

const plan = (services: Record<string, ObservedInstance[]>) =>
  planDrop({
    platform: 'shop',
    services: Object.keys(services).map((service) => desiredService({ service })),
    observed: {
      host: 'h',
      engine: 'e',
      freePorts: [],
      proxies: {},
      services: Object.fromEntries(Object.entries(services).map(([name, all]) => [name, seen(all)])),
    },
    removals: [],
    takeOver: false,
    warnings: [],
  });

const needs = ({ steps }: ReturnType<typeof plan>) => Object.fromEntries(steps.map((step) => [step.id, step.needs]));

test('takes each instance out of traffic, drains and stops it, and only then what is kept of the service', () => {
  expect(needs(plan({ api: [instance('a1', [slot]), instance('a2', [])] }))).toEqual({
    'api/claim': [],
    'api/swap/a1': ['api/claim'],
    'api/drain/a1': ['api/swap/a1'],
    'api/retire/a1': ['api/drain/a1'],
    'api/retire/a2': ['api/claim'],
    'api/drop': ['api/retire/a1', 'api/retire/a2'],
  });
});

test('has every service before it touches one, in the order of names', () => {
  const graph = needs(plan({ api: [instance('a1', [])], web: [] }));
  expect(graph).toMatchObject({
    'api/claim': [],
    'web/claim': ['api/claim'],
    'api/retire/a1': ['web/claim'],
    'web/drop': ['web/claim'],
  });
});

test('raises the epoch, waits no longer than the drain may take, and has no way back', () => {
  const { steps, undo } = plan({ api: [instance('a1', [slot])] });
  expect(new Set(steps.map(({ epoch }) => epoch))).toEqual(new Set([5]));
  expect(steps.find(({ kind }) => kind === 'drain')).toMatchObject({ at_deadline: 'proceed' });
  expect(undo).toEqual([]);
});
