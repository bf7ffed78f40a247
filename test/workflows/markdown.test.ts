import type { Plan } from '../../src/model/plan';
import type { ReleaseStatus, StepStatus, Waiting } from '../../src/model/status';
import { markdown } from '../../workflows/markdown';
import { plan, planOf, shop } from './plans';

const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 5, 10, 42, seconds)).toISOString();
const done = (note?: string): StepStatus => ({ state: 'done', startedAt: at(0), endedAt: at(3), note });

const status = (fields: Partial<ReleaseStatus> = {}): ReleaseStatus => ({
  version: 1,
  kind: 'release',
  platform: 'shop',
  phase: 'releasing',
  paused: false,
  by: 'eve',
  reason: 'ticket 7',
  plan: plan(),
  steps: {},
  waiting: [],
  heard: [],
  ...fields,
});

/** Without the gutters of its cells. */
const lines = (fields: Partial<ReleaseStatus>): string[] =>
  markdown(status(fields)).replaceAll('\u00a0\u00a0 |', ' |').replaceAll('\u00a0', ' ').split('\n');

test('before there is a plan it says who started what, and nothing else', () => {
  expect(markdown(status({ plan: undefined, phase: 'planning' }))).toBe(
    '## release of shop: planning\nstarted by eve: ticket 7',
  );
});

test('it says first what is to be known first, then what changes and what the plan warns of', () => {
  const warned = { ...plan(), notices: ['api: shop/api:3 was given by --version'], warnings: ['api: has | no probe'] };
  expect(lines({ plan: warned, phase: 'closed', outcome: 'planned' }).slice(0, 7)).toEqual([
    '## release of shop: planned',
    'started by eve: ticket 7',
    '',
    '> **api: shop/api:3 was given by `--version`**',
    '',
    '- api: 1 → 2 (revision 1 → 2)',
    '- ⚠ api: has \\| no probe',
  ]);
});

test('what was to go and stays after all is said to stay', () => {
  expect(lines({})).toContain('| shop-api-r1-1 | runs, to be retired |');
  const rejected = lines({ phase: 'closed', outcome: 'rejected' });
  expect(rejected).toContain('| shop-api-r1-1 | runs, and stays |');
});

test('it shows every step of the plan with its number, mark, duration and note', () => {
  const page = lines({
    steps: {
      'api/claim': done('took over from release/shop/1, which has ended'),
      'api/preflight': { ...done(), state: 'skipped' },
      'api/pull': { state: 'running', startedAt: at(1), note: '40 %' },
      'api/configure': {
        state: 'failed',
        startedAt: at(1),
        endedAt: at(2),
        failure: { code: 'config-changed', message: 'changed | since' },
      },
      'api/launch/shop-api-r2-1': { state: 'unreachable' },
      'api/probe/shop-api-r2-1': { state: 'cancelled' },
    },
  });
  expect(page).toEqual(
    expect.arrayContaining([
      '| # | plan | s |  |',
      '| 1 ✓ | claim api for revision 2 | 3.0 | took over from release/shop/1, which has ended |',
      '| 2 ↷ | check host, ports and proxy | 3.0 |  |',
      '| 3 ▶ | pull shop/api:2 |  | 40 % |',
      '| 4 ✗ | write the configuration of revision 2 | 1.0 | changed \\| since |',
      '| 5 ? | launch shop-api-r2-1 |  |  |',
      '| 6 – | probe shop-api-r2-1 |  |  |',
      '| 7 · | shop-api-r2-1 into traffic, shop-api-r1-1 out |  |  |',
    ]),
  );
  expect(page.filter((line) => line.includes('rollback'))).toEqual([]);
});

test('it shows what becomes of each instance, and never more than its steps have reached', () => {
  const instances = (steps: ReleaseStatus['steps']) => lines({ steps }).filter((line) => /^\| shop-/.test(line));
  const swap = 'api/swap/shop-api-r2-1';
  const drain = 'api/drain/shop-api-r1-1';
  const old = '| shop-api-r1-1 | runs, to be retired |';
  expect(instances({})).toEqual([old]);
  expect(instances({ 'api/launch/shop-api-r2-1': { state: 'running' } })).toEqual([
    old,
    '| shop-api-r2-1 | starting |',
  ]);
  expect(instances({ 'api/probe/shop-api-r2-1': { state: 'running', note: '2 of 3' } })).toEqual([
    old,
    '| shop-api-r2-1 | probed: 2 of 3 |',
  ]);
  expect(instances({ [swap]: { state: 'failed' } })).toEqual([
    '| shop-api-r1-1 | failed |',
    '| shop-api-r2-1 | failed |',
  ]);
  expect(instances({ [swap]: done(), [drain]: { state: 'running', note: '3 in flight' } })).toEqual([
    '| shop-api-r1-1 | draining: 3 in flight |',
    '| shop-api-r2-1 | in traffic |',
  ]);
  expect(instances({ [swap]: done(), [drain]: { state: 'cancelled' } })).toEqual([
    '| shop-api-r1-1 | cancelled |',
    '| shop-api-r2-1 | in traffic |',
  ]);
  expect(instances({ [drain]: done(), 'api/retire/shop-api-r1-1': done('exit 0 after 3.1 s') })).toEqual([
    '| shop-api-r1-1 | gone: exit 0 after 3.1 s |',
  ]);
});

describe('of other strategies it shows', () => {
  const instances = (made: Plan, ...steps: Array<[string, StepStatus]>) =>
    lines({ plan: made, steps: Object.fromEntries(steps) }).filter((line) => /^\| shop-/.test(line));

  /** Blue serves; green has a server for the new one. */
  function pair(warm: number): Plan {
    const { desired, observed } = shop({ strategy: { kind: 'blue-green', warm } });
    const place = (backend: string) => ({ proxy: 'edge', backend, server: 's1', port: 8080 });
    const sets = [{ proxy: 'edge', key: 'api', live: 'api-blue', idle: 'api-green' }];
    const api = observed.services.api!;
    const serving = api.instances.map((one) => ({ ...one, slots: [place('api-blue')] }));
    const seen = { ...api, instances: serving, freeSlots: [place('api-green')], sets };
    return planOf({ desired, observed: { ...observed, services: { api: seen } } });
  }
  const enters = 'api/swap/shop-api-r2-1';

  test('a new set that is ready before the switch, and in traffic only after it', () => {
    const made = pair(0);
    expect(instances(made, [enters, done()])).toEqual([
      '| shop-api-r1-1 | runs, to be retired |',
      '| shop-api-r2-1 | ready in api-green, out of traffic |',
    ]);
    expect(instances(made, [enters, done()], ['api/switch', { state: 'running' }])).toEqual([
      '| shop-api-r1-1 | leaving traffic |',
      '| shop-api-r2-1 | entering traffic |',
    ]);
    expect(instances(made, [enters, done()], ['api/switch', done()])).toEqual([
      '| shop-api-r1-1 | takes no new requests |',
      '| shop-api-r2-1 | in traffic |',
    ]);
    expect(instances(made, ['api/switch', done()], ['api/undo/switch', done()])).toEqual([
      '| shop-api-r1-1 | in traffic |',
      '| shop-api-r2-1 | takes no new requests |',
    ]);
  });

  test('until when an old set stays warm', () => {
    const made = pair(3_600_000);
    expect(instances(made)).toEqual(['| shop-api-r1-1 | runs, to be kept warm |']);
    const warm: StepStatus = { ...done(), endedAt: at(3) };
    expect(instances(made, ['api/switch', done()], ['api/warm', warm])).toEqual([
      '| shop-api-r1-1 | warm until 2026-01-05 11:42 UTC |',
      '| shop-api-r2-1 | in traffic |',
    ]);
  });

  test('the weights of canaries and of those beside them', () => {
    const made = plan({ strategy: { kind: 'canary', steps: [{ weight: 10, soak: 1000, approve: false }] } });
    expect(instances(made, ['api/weigh/step-1', done()], [enters, done()])).toEqual([
      '| shop-api-r1-1 | in traffic, weight 9 |',
      '| shop-api-r2-1 | in traffic, weight 1 |',
    ]);
    expect(instances(made, [enters, done()], ['api/weigh/even', done()])).toEqual([
      '| shop-api-r1-1 | in traffic |',
      '| shop-api-r2-1 | in traffic |',
    ]);
  });

  test('a retirement by that name: warm until its time has come, then retired', () => {
    const title = (fields: Partial<ReleaseStatus>) => lines({ kind: 'retire', ...fields })[0];
    expect(title({ phase: 'planning', plan: undefined })).toBe('## retirement of shop: kept warm');
    expect(title({})).toBe('## retirement of shop: retiring');
    expect(title({ phase: 'closed', outcome: 'retired' })).toBe('## retirement of shop: retired');
    expect(title({ phase: 'closed', outcome: 'unchanged' })).toBe('## retirement of shop: unchanged');
    expect(title({ phase: 'closed', outcome: 'cancelled' })).toBe(
      '## retirement of shop: cancelled: the warm set keeps running',
    );
  });
});

test('it shows what is waited for, since when, and the command that ends it', () => {
  const waiting = [
    { kind: 'approval' as const, step: 'api/approve', text: 'go on?', command: 'belay approve', since: at(5) },
  ];
  const page = lines({ waiting });
  const place = page.indexOf('**go on?** (since 10:42:05 UTC)');
  expect(page[0]).toBe('## release of shop: waits for approval');
  expect(page[place + 1]).toContain('`approve` or `reject`');
  expect(page[place + 1]).toContain('`belay approve {workflowId}`');
});

test('it says that it is paused, and how to go on', () => {
  const page = lines({ paused: true });
  expect(page[0]).toBe('## release of shop: paused');
  expect(page[page.indexOf('**paused**: nothing new is started') + 1]).toContain('`belay resume {workflowId}`');
});

test('it shows why it turned, and the way back with numbers of its own', () => {
  const page = lines({
    phase: 'rolling-back',
    cause: { code: 'not-ready', message: 'GET / answers 500', hint: 'look', step: 'api/probe/shop-api-r2-1' },
    steps: { 'api/undo/claim': done(), 'api/undo/drain/shop-api-r2-1': { state: 'running' } },
  });
  const number = plan().undo.findIndex((step) => step.id === 'api/undo/drain/shop-api-r2-1') + 1;
  expect(page).toEqual(
    expect.arrayContaining([
      '> api/probe/shop-api-r2-1: GET / answers 500 — look',
      '| # | rollback | s |  |',
      '| u1 ✓ | take the fence for the rollback | 3.0 |  |',
      `| u${number} ▶ | drain shop-api-r2-1 |  |  |`,
    ]),
  );
});

test('of a long plan it shows the steps where something happens, and counts the others out', () => {
  const long = plan({ instances: 20 });
  const step = long.steps.findIndex(({ id }) => id === 'api/probe/shop-api-r2-10') + 1;
  const page = lines({ plan: long, steps: { 'api/probe/shop-api-r2-10': { state: 'running' } } });
  expect(page.filter((line) => line.startsWith(`| ${step} ▶ |`))).toHaveLength(1);
  expect(page.filter((line) => line.startsWith('| … |'))).toHaveLength(2);
  expect(page.filter((line) => /^\| \d+ . \|/.test(line)).length).toBeLessThan(40);
});

test('with several services every step says whose it is', () => {
  const page = lines({ plan: plan({ service: 'api' }, { service: 'web' }) });
  expect(page).toContain('| # | service | plan | s |  |');
  expect(page).toContain('| 1 · | api | claim api for revision 2 |  |  |');
});

test('it shows what was said, by whom and why', () => {
  const heard = [
    { message: 'pause', by: 'ann', reason: 'lunch', at: at(7) },
    { message: 'resume', by: 'ann', reason: '', at: at(9) },
  ];
  expect(lines({ heard }).slice(-2)).toEqual(['- 10:42:07 ann: pause (lunch)', '- 10:42:09 ann: resume']);
});

test('what people write breaks no table and no line', () => {
  const page = lines({
    by: 'a|b\nc',
    reason: 'one\n## two',
    heard: [{ message: 'pause', by: 'x\n# y', reason: '\n', at: at(1) }],
  });
  expect(page[1]).toBe('started by a\\|b c: one ## two');
  expect(page.filter((line) => line.startsWith('# ') || line.startsWith('## two'))).toEqual([]);
});

test('when it is over, it says how, and what did not last', () => {
  const page = lines({ phase: 'closed', outcome: 'rolled-back' });
  expect(page[0]).toBe('## release of shop: rolled-back');
  expect(page).toContainEqual(expect.stringMatching(/^- asked for: api: .* → /));
  expect(lines({ phase: 'closed', outcome: 'released' })).toContainEqual(expect.stringMatching(/^- api: .* → /));
});

test('a hold says what can be said on this way, and a host out of reach asks for no message', () => {
  const held = { kind: 'held' as const, step: 'x', text: 'x failed', command: 'belay retry --step x', since: at(5) };
  const toSkip = { ...held, otherwise: 'belay skip --step x' };
  const away = { kind: 'unreachable' as const, text: 'h: no answer', command: 'belay doctor', since: at(5) };
  expect(markdown(status({ waiting: [{ ...held, otherwise: 'belay rollback' }], phase: 'held' }))).toContain(
    '\n`retry` or `rollback` under',
  );
  const tested = { ...held, step: 'api/validate/up', otherwise: 'belay rollback' };
  expect(markdown(status({ waiting: [tested], phase: 'held' }))).toContain('\n`retry`, `skip` or `rollback` under');
  const gone = { code: 'instance-lost', message: 'shop-api-r2-1 is gone', gone: 'shop-api-r2-1' };
  const missed = { [tested.step]: { state: 'failed' as const, failure: gone } };
  const page = (waiting: Waiting) => markdown(status({ waiting: [waiting], phase: 'held', steps: missed }));
  expect(page(tested)).toContain('\n`retry` or `rollback` under');
  expect(page({ ...tested, command: 'belay rollback', otherwise: undefined })).toContain('\n`rollback` under');
  expect(markdown(status({ waiting: [toSkip], phase: 'rolling-back' }))).toContain('\n`retry` or `skip` under');
  expect(markdown(status({ waiting: [held], phase: 'held' }))).toContain('\n`retry` under');
  expect(markdown(status({ waiting: [away] }))).toContain('**h: no answer** (since 10:42:05 UTC)\n`belay doctor`\n');
  const unplanned = { ...away, otherwise: 'belay rollback' };
  expect(markdown(status({ waiting: [unplanned] }))).toContain('`belay doctor`, or `belay rollback {workflowId}`\n');
});

test('what people and programs write is no HTML', () => {
  expect(lines({ reason: '<b>now</b>' })[1]).toBe('started by eve: \\<b>now\\</b>');
});

test('however long the plan, the page fits into an address that proxies let through', () => {
  const long = plan({ instances: 100 });
  const half = long.steps.slice(0, 300).map((step) => [step.id, done('nothing in flight after 2.2 s')] as const);
  const said = (index: number) => ({ message: 'pause', by: 'ann', reason: `number ${index}`, at: at(7) });
  const fields = { plan: long, steps: Object.fromEntries(half), heard: Array.from({ length: 50 }, (_, i) => said(i)) };
  expect(encodeURIComponent(markdown(status(fields))).length).toBeLessThan(8_000);
});

test('on the way back it says at the top who asked for it and why', () => {
  const heard = [
    { message: 'rollback', by: 'ann', reason: 'the cart is slower', at: at(7) },
    { message: 'rollback (without effect: it is rolling back already)', by: 'eve', reason: '', at: at(8) },
  ];
  expect(lines({ heard, phase: 'rolling-back' })).toContain('> rollback, said by ann: the cart is slower');
  expect(lines({ heard, phase: 'closed', outcome: 'rolled-back' })).toContain(
    '> rollback, said by ann: the cart is slower',
  );
  const cancel = [{ message: 'cancel', by: 'unknown', reason: '', at: at(7) }];
  expect(lines({ heard: cancel, phase: 'closed', outcome: 'cancelled' })).toContain(
    '> cancelled through Temporal, which does not say by whom',
  );
  expect(lines({ heard, phase: 'closed', outcome: 'released' }).filter((line) => line.startsWith('>'))).toEqual([]);
});
