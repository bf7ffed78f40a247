import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exitCodeOfResult } from '../../src/cli/exit-codes';
import { renderHistory } from '../../src/cli/render/history';
import { renderOutcome } from '../../src/cli/render/outcome';
import { ranges, renderPlan, renderSummary } from '../../src/cli/render/plan';
import { renderStatus } from '../../src/cli/render/status';
import { stepLine } from '../../src/cli/render/step';
import { renderWait } from '../../src/cli/render/waiting';
import { renderServe } from '../../src/cli/serve/render';
import { rowsOf, stepId } from '../../src/cli/steps';
import type { Revision } from '../../src/hosts/revision';
import type { DesiredService } from '../../src/model/desired';
import { localTime } from '../../src/model/quantities';
import { reachedBy } from '../../src/model/reached';
import type { Outcome, ReleaseStatus } from '../../src/model/status';
import { desired } from '../hosts/support';
import { plan, planTested } from '../workflows/plans';
import { at, done, plain, running, samplePlan, status } from './support';

const workflowId = 'release/shop/1';

describe('a plan', () => {
  test('is grouped by service, numbered, and says what each step needs and what changes', () => {
    expect(renderPlan(samplePlan(), { colors: plain })).toBe(`shop: 5 steps on web-1

api  revision 1 → 2
  image      shop/api:1 (sha256:111111111111)
           → shop/api:2 (sha256:222222222222)
  instances  2 → 1
  env        +ADDED -GONE ~OTHER
  1  launch shop-api-r2-1
  2  probe shop-api-r2-1                            needs 1
  3  shop-api-r2-1 into traffic, shop-api-r1-1 out  needs 1-2
  4  drain shop-api-r1-1                            needs 3
  5  wait for approval                              needs 1-2 4

web  revision 4, unchanged

! api: has no health.ready`);
  });

  test('that is carried out is told without the steps, which follow, and says how to see them all', () => {
    expect(renderSummary(samplePlan(), { colors: plain, workflowId })).toBe(`shop: 5 steps on web-1

api  revision 1 → 2
  image      shop/api:1 (sha256:111111111111)
           → shop/api:2 (sha256:222222222222)
  instances  2 → 1
  env        +ADDED -GONE ~OTHER

web  revision 4, unchanged

! api: has no health.ready

  → belay status release/shop/1 lists the steps`);
  });

  test('that releases nothing is told with its steps', () => {
    for (const one of [samplePlan({ services: [] }), samplePlan({ steps: [] })])
      expect(renderSummary(one, { colors: plain, workflowId })).toBe(renderPlan(one, { colors: plain }));
  });

  test('shows the way back when asked', () => {
    expect(renderPlan(samplePlan(), { colors: plain, undo: true })).toContain(`  the rollback:
  u1  shop-api-r1-1 into traffic, shop-api-r2-1 out  undoes 3
  u2  drain shop-api-r2-1                            undoes 1, needs u1
`);
  });

  test('of another strategy names shares, soaks, gates and the time without service in words', () => {
    const texts = (strategy: DesiredService['strategy']) =>
      renderPlan(plan({ strategy }), { colors: plain })
        .split('\n')
        .map((line) => line.trim().replaceAll(/ {2,}/g, '  '));
    const steps = [{ weight: 10, soak: 90_000, approve: true }];
    expect(texts({ kind: 'canary', steps })).toEqual(
      expect.arrayContaining([
        '5  send 10.0 % of the traffic to the new version  needs 4',
        expect.stringMatching(/^\d+ {2}soak for 1 min 30 s {2}needs/),
        expect.stringMatching(/^\d+ {2}wait for approval {2}needs/),
        expect.stringMatching(/^\d+ {2}give every instance the same share again {2}needs/),
      ]),
    );
    expect(texts({ kind: 'recreate' })).toContain('downtime  2m at most');
  });

  test('has tests of the whole platform in a part of their own, after the services', () => {
    const [, ...last] = renderPlan(planTested(), { colors: plain }).split('\n\nthe platform\n');
    expect(last.join().split('\n')).toEqual([
      expect.stringMatching(/^ +\d+ {2}validate: smoke, before any change +needs 2-3$/),
      expect.stringMatching(/^ +\d+ {2}validate: smoke, every 10.0 s, as long as the release changes something +needs/),
      expect.stringMatching(/^ +\d+ {2}validate: smoke, with all services in traffic +needs/),
    ]);
  });

  test('says of a step below, which another one needs, whose it is', () => {
    const made = plan({}, { service: 'web' });
    const lines = renderPlan(made, { colors: plain }).split('\n');
    const numberOf = (id: string) => made.steps.findIndex((step) => step.id === id) + 1;
    const lineOf = (id: string) => lines.find((line) => line.startsWith(`  ${String(numberOf(id)).padStart(2)}  `));
    expect(numberOf('web/claim')).toBeGreaterThan(numberOf('api/preflight'));
    expect(lineOf('api/preflight')).toMatch(new RegExp(` {2}needs web ${numberOf('web/claim')}$`));
    expect(lineOf('api/record')).toMatch(/ {2}needs [\d -]+, web [\d -]+$/);
    expect(lineOf('web/record')).toMatch(/ {2}needs [\d -]+$/);
  });

  test('says nothing of what runs where no service is looked at, as in a drill', () => {
    const text = renderPlan(samplePlan({ steps: [], services: [] }), { colors: plain });
    expect(text).toMatch(/^shop: nothing to do on web-1\n/);
    expect(text).not.toContain('runs what');
  });

  test('says so when there is nothing to do', () => {
    expect(renderPlan(samplePlan({ steps: [] }), { colors: plain })).toMatch(/^shop: nothing to do, web-1 runs what/);
  });

  test.each([
    [['1', '2', '3', '5'], '1-3 5'],
    [['3', '1'], '1 3'],
    [['u2', 'u1', 'u10'], 'u1-u2 u10'],
    [['7'], '7'],
    [[], ''],
  ])('writes the numbers %j short: %s', (numbers, text) => expect(ranges(numbers)).toBe(text));
});

describe('a step', () => {
  const steps = { 'api/launch': done(0, 3), 'api/probe': running(3, '1 of 2 checks'), 'api/undo/swap': running(4) };
  const rows = rowsOf({ plan: samplePlan(), steps });
  const lines = rows.map((row) => stepLine(row, { colors: plain, now: Date.parse(at(65)) }));

  test('shows its mark, its number in the plan, what it does, its time and its note', () => {
    expect(lines.slice(0, 3)).toEqual([
      '✓   1  api  launch shop-api-r2-1  3.0 s',
      '▶   2  api  probe shop-api-r2-1  1 m 02 s  1 of 2 checks',
      '·   3  api  shop-api-r2-1 into traffic, shop-api-r1-1 out',
    ]);
  });

  test('of the way back is shown once it has begun, under a number of its own', () => {
    expect(lines.slice(5)).toEqual(['▶  u1  api  shop-api-r1-1 into traffic, shop-api-r2-1 out  1 m 01 s']);
  });

  test('that failed says why on one line', () => {
    const failure = { code: 'not-ready', message: 'not ready\nmore', hint: 'look' };
    const line = stepLine({ ...rows[0]!, state: 'failed', failure }, { colors: plain, now: 0 });
    expect(line).toBe('✗   1  api  launch shop-api-r2-1  3.0 s  not ready');
  });

  test.each([
    ['2', 'api/probe'],
    ['u2', 'api/undo/drain'],
    ['api/swap', 'api/swap'],
    ['99', '99'],
  ])('named %s is %s', (named, id) => expect(stepId(samplePlan(), named)).toBe(id));
});

describe('a status', () => {
  test('says when it began and ended, and how long that took', () => {
    const steps: ReleaseStatus['steps'] = {
      'api/claim': { state: 'done', startedAt: at(1), endedAt: at(2) },
      'api/record': { state: 'done', startedAt: at(3), endedAt: at(11) },
      'api/cleanup': { state: 'done', startedAt: at(3), endedAt: at(5) },
    };
    const seen = status({ plan: samplePlan(), phase: 'closed', outcome: 'released', steps });
    const about = { workflowId, colors: plain, now: 0 };
    expect(renderStatus(seen, about)).toContain(`from ${localTime(at(1))} to ${localTime(at(11))}, 10.0 s\n`);
    expect(renderStatus(status({ steps: {} }), about)).not.toMatch(/since|from/);
  });

  test('shows who, every step, what was said, and the command that ends a wait', () => {
    const seen = status({
      plan: samplePlan(),
      reason: 'the cart',
      steps: { 'api/launch': done(0, 1), 'api/probe': running(1, '1 of 2') },
      heard: [{ message: 'pause', by: 'ben', reason: 'look', at: at(3) }],
      paused: true,
    });
    expect(
      renderStatus(seen, { workflowId, url: 'http://ui', colors: plain, now: Date.parse(at(5)) }),
    ).toBe(`release of shop: releasing
started by ana: the cart
since ${localTime(at(0))}, for 5.0 s
release/shop/1
http://ui

api: 1 → 2 (revision 1 → 2)
web: 4, unchanged

✓  1  api  launch shop-api-r2-1                           1.0 s
▶  2  api  probe shop-api-r2-1                            4.0 s  1 of 2
·  3  api  shop-api-r2-1 into traffic, shop-api-r1-1 out
·  4  api  drain shop-api-r1-1
·  5  api  wait for approval

${localTime(at(3))}  ben: pause (look)

! api: has no health.ready

paused: paused by ben
  → belay resume release/shop/1`);
  });

  test('of a dry run is planned, and begins with what is to be known before anything else', () => {
    const plan = samplePlan({ notices: ['api: none of the 2 instances of revision 1 runs'] });
    const seen = status({ plan, phase: 'closed', outcome: 'planned' });
    const text = renderStatus(seen, { workflowId, colors: plain, now: 0 });
    expect(text).toMatch(
      /^release of shop: planned\n.*\n.*\n\n! api: none of the 2 instances of revision 1 runs\n\napi: 1 → 2/,
    );
    expect(text).toContain('✓ the release of shop is planned; nothing was changed');
    expect(renderPlan(plan, { colors: plain })).toMatch(/^shop: 5 steps on web-1\n\n! api: none of the 2/);
  });

  test('begins with what is missing by now, before everything else', () => {
    const missing = ['api: none of the 2 instances of revision 2 runs; belay restart --service api'];
    const seen = status({ plan: samplePlan(), phase: 'closed', outcome: 'released' });
    expect(renderStatus(seen, { workflowId, colors: plain, now: 0, missing })).toMatch(
      /^! api: none of the 2 instances of revision 2 runs; belay restart --service api\n\nrelease of shop: released\n/,
    );
  });

  test('ends with the outcome and its cause', () => {
    const cause = { code: 'not-ready', message: 'was not ready', hint: 'look at it', step: 'api/probe' };
    const seen = status({ plan: samplePlan(), phase: 'closed', outcome: 'failed', cause });
    expect(renderStatus(seen, { workflowId, colors: plain, now: 0 })).toMatch(
      /✗ the release of shop failed, and it is back where it was \(api revision 1\)\n {2}api\/probe: was not ready\n {2}→ look at it$/,
    );
  });
});

test('a release that went back shows its changes as asked for only, and what stays', () => {
  const plan = samplePlan();
  const seen = status({ plan, phase: 'closed', outcome: 'rolled-back' });
  const text = renderStatus(seen, { workflowId, colors: plain, now: 0 });
  expect(text).toMatch(/^release of shop: rolled back\n/);
  expect(text).toContain('\nasked for: api: ');
  expect(text).toMatch(/^web: 4, unchanged$/m);
  expect(text).toMatch(
    /✓ shop is back where it was, as requested \(api revision 1\)\n! the files still name api 2: .*: api 1$/,
  );
  const went = status({ plan, phase: 'closed', outcome: 'released' });
  expect(renderStatus(went, { workflowId, colors: plain, now: 0 })).not.toContain('asked for');
});

describe('one that ended before it had a plan', () => {
  const said = (outcome: Outcome) =>
    renderStatus(status({ phase: 'closed', outcome }), { workflowId, colors: plain, now: 0 });

  test.each([
    ['rolled-back', 'was rolled back'],
    ['failed', 'failed'],
    ['cancelled', 'was cancelled'],
  ] as const)('as %s says that nothing was changed', (outcome, how) =>
    expect(said(outcome)).toMatch(
      new RegExp(`[✓✗] the release of shop ${how} before it started; nothing was changed$`),
    ),
  );
});

test('a retirement that is cancelled before its time says what goes on', () => {
  const seen = status({ kind: 'retire', phase: 'closed', outcome: 'cancelled' });
  expect(renderStatus(seen, { workflowId, colors: plain, now: 0 })).toContain('cancelled: the warm set keeps running');
});

test('a release that Temporal has ended says that it runs no more, what it left, and how to go on', () => {
  const cause = { code: 'unexpected', message: 'release/shop/1 was terminated at 20:41:31', hint: 'belay release' };
  const seen = status({ plan: samplePlan(), phase: 'closed', outcome: 'terminated', cause });
  const text = renderStatus(seen, { workflowId, colors: plain, now: 0 });
  expect(text).toMatch(/^release of shop: terminated\n/);
  expect(text).toMatch(
    /\n✗ the release of shop does not run any more: the host stays as it was at that moment\n {2}release\/shop\/1 was terminated at 20:41:31\n {2}→ belay release$/,
  );
  expect(exitCodeOfResult({ outcome: 'terminated' })).toBe(1);
});

test('a release that ended later and had never begun has a line of its own', () => {
  const seen = status({ plan: samplePlan(), phase: 'closed', outcome: 'released' });
  const text = renderStatus(seen, {
    workflowId,
    colors: plain,
    now: 0,
    unbegun: [{ workflowId: 'release/shop/2', end: 'was refused: its input is wrong' }],
  });
  expect(text).toContain('shop is released');
  expect(text).toMatch(
    /\n\nrelease\/shop\/2 was refused: its input is wrong, and nothing was changed\n {2}→ belay status release\/shop\/2$/,
  );
});

test('a gate shows the command that opens it and the one that refuses it', () => {
  const wait = {
    kind: 'approval' as const,
    step: 'api/approve',
    text: 'go on?',
    command: 'belay approve',
    otherwise: 'belay reject',
  };
  expect(renderWait(wait, { workflowId, colors: plain })).toBe(
    'waits for approval: go on?\n  → belay approve release/shop/1\n  → belay reject release/shop/1',
  );
});

test('a host out of reach shows a command that names no release', () => {
  const wait = { kind: 'unreachable' as const, text: 'web-1', command: 'belay doctor' };
  expect(renderWait(wait, { workflowId, colors: plain })).toBe('out of reach: web-1\n  → belay doctor');
});

test.each([
  ['retired', '✓ what shop had kept warm is retired (api revision 3)'],
  ['failed', '✗ the retirement of shop failed, and it is back where it was (api revision 3)'],
  ['cancelled', '✗ the retirement at shop was cancelled: the warm set keeps running (api revision 3)'],
] as const)('a retirement that has ended as %s says so in its own words', (outcome, text) => {
  const result = { outcome, platform: 'shop', revisions: { api: 3 } };
  expect(renderOutcome({ result, kind: 'retire', colors: plain })).toBe(text);
});

test('a release that found more than one revision says what it went back to, and how to get to one', () => {
  const plan = samplePlan();
  const [api, ...others] = plan.services;
  const found = [
    { revision: 1, instances: 1 },
    { revision: 5, instances: 1 },
  ];
  const seen = status({
    plan: samplePlan({ services: [{ ...api!, found }, ...others] }),
    phase: 'closed',
    outcome: 'cancelled',
  });
  const text = renderStatus(seen, { workflowId, colors: plain, now: 0 });
  expect(text).toContain(
    '✗ the release of shop was cancelled, and it is back to what it found: api 1 × r1, 1 × r5\n  → `belay release` leads api to the version of the files, `belay restart --service api` to the recorded one',
  );
  expect(reachedBy(seen, 'released')).not.toHaveProperty('found');
});

test('a rollback that has ended says so in its own words', () => {
  const result = { outcome: 'reverted' as const, platform: 'shop', revisions: { api: 3 } };
  expect(renderOutcome({ result, kind: 'rollback', colors: plain })).toBe('✓ shop is rolled back (api revision 3)');
});

test('a rollback says what it has left as it was', () => {
  const leaves = ['job migrate of api ran for version 2 and is not taken back: it has no undo'];
  const result = { outcome: 'reverted' as const, platform: 'shop', revisions: { api: 3 }, leaves };
  expect(renderOutcome({ result, kind: 'rollback', colors: plain })).toBe(
    `✓ shop is rolled back (api revision 3)\n! ${leaves[0]}`,
  );
});

describe('a history', () => {
  const revision = (number: number, state: Revision['state']): Revision => ({
    task: { kind: 'run' },
    format: 2,
    number,
    state,
    desired: desired(),
    by: 'ana',
    reason: number === 2 ? 'cart' : '',
    release: workflowId,
    createdAt: at(number),
  });

  const ledgers = { home: '/home/belay', platforms: [] };

  test('has the latest first and marks the head', () => {
    const found = [{ service: 'api', head: 1, revisions: [revision(1, 'recorded'), revision(2, 'abandoned')] }];
    expect(
      renderHistory('shop', found, plain, ledgers)
        .split('\n')
        .map((line) => line.replaceAll(/ +/g, ' ')),
    ).toEqual([
      'api',
      ' revision state same as instances image when by why release',
      ` 2 abandoned 1 2 registry/shop/api:1 (sha256:1) ${localTime(at(2))} ana cart release/shop/1`,
      `→ 1 head 2 registry/shop/api:1 (sha256:1) ${localTime(at(1))} ana release/shop/1`,
    ]);
  });

  test('that is empty says what to do', () => {
    expect(renderHistory('shop', [], plain, ledgers)).toBe(
      'the ledger in /home/belay knows nothing of shop\n  → belay plan',
    );
  });
});

test('what goes is told service by service, with sizes', () => {
  const removal = {
    platform: 'shop',
    service: 'api',
    instances: ['shop-api-r3-1'],
    proxies: ['shop-own-api-4'],
    servers: ['edge/api/s1'],
    images: [
      { tag: 'belay/shop/api:r1', bytes: 830 },
      { tag: 'belay/shop/api:r2', bytes: 61_250_000 },
    ],
    configurations: [1, 2, 3, 5],
    logs: ['shop-api-r1-1.log'],
    leftovers: [],
  };
  const plan = samplePlan({ removals: [removal], warnings: ['shop-api-1 is Compose’s, and stays'] });
  expect(renderPlan(plan, { colors: plain })).toBe(`shop on web-1: to remove

shop/api
  containers  shop-api-r3-1
  proxies     shop-own-api-4
  traffic at  edge/api/s1
  images      belay/shop/api:r1 (830 B), belay/shop/api:r2 (61.3 MB)
  revisions   1-3 5
  logs        1 file

up to 61.3 MB of images

! shop-api-1 is Compose’s, and stays`);
  const nothing = samplePlan({ platform: '*', removals: [], warnings: [] });
  expect(renderPlan(nothing, { colors: plain })).toBe('web-1: nothing to remove');
});

test('a rollback shows what else it could have led to', () => {
  const common = { service: 'api', createdAt: at(1), by: 'ana', release: workflowId };
  const targets = [
    { ...common, revision: 3, artifact: 'shop/api:2.4.1', artifactAt: 'here' as const },
    { ...common, revision: 1, artifact: 'shop/api:2.4.0', artifactAt: 'source' as const },
  ];
  const text = renderPlan(samplePlan({ targets, warnings: [] }), { colors: plain });
  expect(text.slice(text.indexOf('rollback targets'))).toBe(`rollback targets (--to):
  service  revision  version  when                 by   artifact
  api             3  2.4.1    ${localTime(at(1))}  ana  kept
  api             1  2.4.0    ${localTime(at(1))}  ana  fetched again`);
});

test('of a release that went back it says what stays as released', () => {
  const result = { outcome: 'rolled-back' as const, platform: 'shop', revisions: { api: 1, db: 2 }, stayed: ['db'] };
  expect(renderOutcome({ result, kind: 'release', colors: plain })).toBe(
    '✓ shop is back where it was, as requested, but for db, which stays as released: nothing takes back a volume, or a job without undo (api revision 1, db revision 2)',
  );
});

test.each([
  ['drop', 'shop', 'removed', '✓ shop is dropped, 2.0 MB of images freed'],
  ['prune', '*', 'removed', '✓ this host is pruned, 2.0 MB of images freed'],
  ['drop', 'shop', 'incomplete', '✗ the drop of shop was given up halfway; start it again to finish it'],
] as const)('a %s of %s that ended as %s says so', (kind, platform, outcome, text) => {
  const freed = outcome === 'removed' ? 2_000_000 : undefined;
  expect(renderOutcome({ result: { outcome, platform, revisions: {}, freed }, kind, colors: plain })).toBe(text);
});

test.each([
  ['drop', 'releasing', undefined, 'drop of shop: dropping'],
  ['rollback', 'releasing', undefined, 'rollback of shop: rolling back'],
  ['rollback', 'closed', 'reverted', 'rollback of shop: reverted'],
  ['release', 'closed', 'released', 'release of shop: released'],
] as const)('a %s is called what it does: %s, %s', (kind, phase, outcome, first) => {
  const about = { workflowId: 'x', colors: plain, now: 0 };
  expect(renderStatus(status({ kind, phase, outcome }), about).split('\n')[0]).toBe(first);
});

test('a worker that has no project yet says so, and where', () => {
  const dir = mkdtempSync(join(tmpdir(), 'belay-render-'));
  const worker = (specs: string) =>
    renderServe({ format: 1, pid: 1, began: '', address: 'a', ui: 'u', specs }, plain).split('\n')[2];
  try {
    expect(worker(dir)).toBe(
      `worker    for ${dir} (no belay.yaml there yet, nor one folder below; the worker finds one that comes)`,
    );
    mkdirSync(join(dir, 'shop'));
    writeFileSync(join(dir, 'shop', 'belay.yaml'), '');
    expect(worker(dir)).toBe(`worker    for ${dir}`);
    expect(worker(`${dir}:${dir}/gone`)).toContain(`(no belay.yaml in ${dir}/gone yet`);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
