import { quickly, releaseTo, type Service, type Stage, setStage } from '../e2e/stage';
import { belayStatus } from './belay-status';
import { type Browser, openBrowser, sees } from './browser';
import { createWebUi, type WebUi } from './web-ui';

const name = 'shop';
const strategy = { kind: 'rolling', pause_after: 1 };
const gated: Service = { ...quickly, strategy };
let stage: Stage;
let browser: Browser;
let ui: WebUi;

beforeAll(async () => {
  stage = await setStage({
    name: 'api',
    versions: [{ tag: '1.0.0' }, { tag: '2.0.0' }, { tag: '3.0.0' }, { tag: 'broken', env: { NEVER_READY: '1' } }],
    platform: { name, instances: 2, firstPort: 20400, service: quickly },
  });
  await releaseTo(stage, { versions: { api: '1.0.0' } });
  stage.platform.write({ service: gated });
  browser = await openBrowser();
  ui = await createWebUi(browser.page, stage.bed.temporal.uiUrl);
}, 360_000);

afterAll(async () => {
  await browser?.close();
  await stage?.stop();
}, 60_000);

/** Starts a release by the form, and waits for its gate. */
async function untilGate(workflowId: string, version: string): Promise<void> {
  const input = { platform: name, versions: { api: version }, by: 'ana', reason: 'fixes the cart' };
  await ui.start({ workflowId }, JSON.stringify(input));
  await ui.open(workflowId, 'Timeline');
  await sees(browser.page.getByText('1 of 2 instances of api run the new revision: go on?'));
}

async function send(workflowId: string, update: string, data: string): Promise<void> {
  await ui.chooseUpdate(workflowId);
  await ui.update(update, data);
  await ui.taken();
}

test('a release by the form waits at its gate, tells how to answer, and goes on with an approval', async () => {
  const workflowId = 'release/shop/2.0.0';
  await ui.openForm({ workflowId });
  await ui.write('{ "platform": "shop", "versions": { "api": "2.0.0" }, "by": "ana", "reason": "fixes the cart" }');
  await browser.shoot('start');
  await ui.submit();

  await ui.open(workflowId, 'Timeline');
  await sees(browser.page.getByText('1 of 2 instances of api run the new revision: go on?'));
  await sees(browser.page.getByText(/^launch\s*•\s*shop-api-r2-1$/));
  await browser.shoot('timeline');
  expect(await ui.list('BelayPhase="waiting"', workflowId)).toContain(workflowId);

  await ui.open(workflowId, 'User Metadata');
  await sees(ui.details.getByRole('heading', { name: 'release of shop: waits for approval' }));
  const waits = await ui.details.locator('body').innerText();
  expect(waits.replaceAll(/\s+/g, ' ')).toMatch(
    /waits for approval started by ana: fixes the cart 1 of 2 instances of api run the new revision: go on\? .*approve or reject with { "by": "YOUR NAME" } under More Actions › Send an Update, or belay approve release\/shop\/2\.0\.0 .*api: 1\.0\.0 → 2\.0\.0 .*instance now .*shop-api-r2-1 in traffic.*plan.*launch shop-api-r2-1/,
  );
  await browser.shoot('waiting');

  await ui.chooseUpdate(workflowId);
  await sees(browser.page.getByRole('option', { name: 'approve' }));
  await browser.shoot('update');
  await ui.update('approve', '{ "by": "ana" }');
  await ui.taken();
  expect(await ui.resultOf(workflowId, 'Completed')).toContain('"outcome": "released"');
  await ui.open(workflowId, 'User Metadata');
  await sees(ui.details.getByRole('heading', { name: 'release of shop: released' }));
  await browser.shoot('finished');
  expect(await ui.list('BelayOutcome="released"', workflowId)).toContain(workflowId);
  expect(await ui.list('BelayVersions="api=2.0.0"', workflowId)).toContain(workflowId);
});

test('an update with a wrong key is refused with the right form, and each end has its own word', async () => {
  const rejected = 'release/shop/3.0.0-rejected';
  await untilGate(rejected, '3.0.0');
  await ui.chooseUpdate(rejected);
  await ui.update('approve', '{ "who": "ben" }');
  await sees(browser.page.getByText(/the data of approve is wrong: who: .*write it as { "by": "ana"/));
  await browser.shoot('refused');
  await send(rejected, 'reject', '{ "by": "ben" }');
  expect(await ui.resultOf(rejected, 'Failed')).toContain('"type": "rejected"');

  const back = 'release/shop/3.0.0-back';
  await untilGate(back, '3.0.0');
  await send(back, 'rollback', '{ "by": "ben", "reason": "errors" }');
  expect(await ui.resultOf(back, 'Completed')).toContain('"outcome": "rolled-back"');
  await ui.open(back, 'User Metadata');
  await sees(ui.details.getByRole('heading', { name: 'release of shop: rolled-back' }));
  await browser.shoot('rollback');

  const failed = 'release/shop/broken';
  const ready = { http: '/ready', every: '100ms', healthy: 1, within: '3s' };
  stage.platform.write({ service: { ...gated, health: { ready } } });
  await ui.start({ workflowId: failed }, '{ "platform": "shop", "versions": { "api": "broken" }, "by": "ana" }');
  expect(await ui.resultOf(failed, 'Failed')).toContain('"type": "failed"');
  stage.platform.write({ service: gated });

  const ends = Object.entries({ released: 'release/shop/2.0.0', rejected, 'rolled-back': back, failed });
  for (const [outcome, id] of ends) {
    expect(await ui.list(`BelayOutcome="${outcome}"`, id)).toContain(id);
    expect(await belayStatus(stage, id)).toMatchObject({ outcome });
  }
  await ui.list('BelayPlatform="shop"', failed);
  for (const [outcome, id] of ends) expect((await ui.row(id)).split(/\s+/)).toContain(outcome);
  await browser.shoot('list');
});

test.each([
  [
    'a text as input',
    'release',
    '"shop"',
    ['the input of the release is not one object', 'start it with one object, such as'],
  ],
  ['an unknown platform', 'release', '{ "platform": "shpo" }', ['no platform', 'shop']],
  ['an unknown type', 'Release', '{ "platform": "shop" }', ['there is no workflow type', 'did you mean release?']],
])('%s ends as failed, and says what to write', async (words, workflowType, data, expected) => {
  const workflowId = `wrong/${words}`;
  await ui.start({ workflowId, workflowType }, data);
  const result = (await ui.resultOf(workflowId, 'Failed')).replaceAll(/\s+/g, ' ');
  for (const text of expected) expect(result).toContain(text);
  await browser.shoot(`wrong-${words.replaceAll(' ', '-')}`);
  expect(
    await ui.list('WorkflowId STARTS_WITH "release/" OR BelayOutcome="released"', 'release/shop/2.0.0'),
  ).not.toContain(workflowId);
});

test('a dry run shows its plan, and is no release', async () => {
  const workflowId = 'plan/shop/3.0.0';
  const data = '{ "platform": "shop", "versions": { "api": "3.0.0" }, "dry_run": true }';
  await ui.start({ workflowId }, data);
  expect(await ui.resultOf(workflowId, 'Completed')).toContain('"outcome": "planned"');
  await ui.open(workflowId, 'User Metadata');
  await sees(ui.details.getByRole('heading', { name: 'release of shop: planned' }));
  await sees(ui.details.getByRole('listitem').filter({ hasText: '→ 3.0.0' }));
  await sees(ui.details.getByRole('cell', { name: /^launch shop-api-r/ }));
  await browser.shoot('planned');
  expect(await ui.list('WorkflowId STARTS_WITH "plan/"', workflowId)).toContain(workflowId);
  expect(await ui.list('BelayPlatform="shop"', 'release/shop/2.0.0')).not.toContain(workflowId);
});

test('the link of an ended release starts the next one with its input, under an id of its own', async () => {
  const { startUrl } = await belayStatus(stage, 'release/shop/2.0.0');
  await ui.openLink(startUrl!, 'fixes the cart');
  await ui.name('release/shop/again');
  await browser.shoot('again');
  await ui.submit();
  expect(await ui.resultOf('release/shop/again', 'Completed')).toContain('"outcome": "unchanged"');

  await ui.openLink(startUrl!, 'fixes the cart');
  await ui.name('plan/shop/again');
  await ui.write('{ "platform": "shop", "versions": { "api": "2.0.0" }, "dry_run": true }');
  await ui.submit();
  expect(await ui.resultOf('plan/shop/again', 'Completed')).toContain('"outcome": "planned"');
  const found = await ui.list('BelayPlatform="shop"', 'release/shop/again');
  expect(found).toContain('release/shop/2.0.0');
  expect(found).not.toContain('plan/shop/again');
});
