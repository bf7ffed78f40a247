import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { projectRoot } from '../../testbed/root';
import { waitFor } from '../../testbed/wait';
import { platformTest } from '../plan/arbitraries';
import { planCopies } from '../workflows/backed-up';
import { planShutdowns } from '../workflows/drilled';
import { plan, planAway, planBack, planFronted, planOf, planUnfronted, settled, shop, smoke } from '../workflows/plans';
import { planRestored } from '../workflows/restored';
import { answers, blocks, createScript, fails, failsForGood, heldBy } from '../workflows/script';
import { createStage, type Play, type Stage } from '../workflows/stage';
import {
  planBlueGreen,
  planCanary,
  planConfig,
  planJobs,
  planPacked,
  planPrune,
  planRecreate,
  planRetired,
  planTakeOver,
} from './plans';

/**
 * Records the histories that replay.test.ts replays, from workflows as they are now:
 *
 *   npm run build && node dist/test/replay/record.js
 *
 * Histories stand for releases that run while Belay is updated. Files that are there stay as they are, and new ones are
 * added beside them. A change of the workflows that a recorded file does not bear is made with `patched()`.
 */
const folder = join(projectRoot, 'test', 'replay', 'histories');
const fileOf = (name: string): string => join(folder, `${name}.json`);
const launch = 'api/launch/shop-api-r2-1';
const probe = 'api/probe/shop-api-r2-1';
const drain = 'api/drain/shop-api-r1-1';
const ann = { by: 'ann', reason: 'told to' };
const gated = { instances: 2, strategy: { kind: 'rolling' as const, surge: 1, unavailable: 0, pause_after: 1 } };

/** Each brings a workflow to where its history is taken; those that are still open then are let go afterwards. */
const scenes: Record<string, (stage: Stage) => Promise<Pick<Play, 'handle'>>> = {
  async released(stage) {
    const smokes = { validate: [smoke('before'), smoke('after')] };
    const script = createScript(plan({ service: 'api', instances: 2, ...smokes }, { service: 'web' }));
    return await ended(await stage.play(script.on(probe, answers('ready 3 times'))));
  },
  async 'paused-and-resumed'(stage) {
    const play = await stage.play(createScript(plan()).on(launch, blocks));
    await play.script.until(`+${launch}`);
    await play.signal('pause', ann);
    play.script.release(launch);
    await play.until('paused', ({ steps }) => steps[launch]?.state === 'done');
    await play.update('resume', ann);
    return await ended(play);
  },
  async 'approved-after-waiting'(stage) {
    const play = await stage.play(plan(gated));
    await play.until('at the gate', ({ waiting }) => waiting.length > 0);
    await play.update('approve', ann);
    return await ended(play);
  },
  async 'approved-after-nonsense'(stage) {
    const play = await stage.play(plan(gated));
    await play.until('at the gate', ({ waiting }) => waiting.length > 0);
    await play.signal('approve', { who: 'ann' });
    await play.handle.signal('aprove', ann);
    await play.until('both heard', ({ heard }) => heard.length === 2);
    await play.signal('approve', ann);
    return await ended(play);
  },
  async 'rejected-at-the-gate'(stage) {
    const play = await stage.play(plan(gated));
    await play.until('at the gate', ({ waiting }) => waiting.length > 0);
    await play.signal('reject', ann);
    return await ended(play);
  },
  async 'jobs-past-no-return'(stage) {
    const play = await stage.play(createScript(planJobs()).on('api/job/contract', fails('job-failed', 'exit 1')));
    await play.until('at the gate', ({ waiting }) => waiting.length > 0);
    await play.update('approve', ann);
    await play.until('held', ({ phase }) => phase === 'held');
    await play.signal('rollback', ann);
    await play.update('retry');
    return await ended(play);
  },
  async 'jobs-taken-back'(stage) {
    return await ended(await stage.play(createScript(planJobs()).on(probe, fails('not-ready'))));
  },
  async 'rolled-back-by-signal'(stage) {
    const play = await stage.play(createScript(plan()).on(drain, blocks));
    await play.script.until(`+${drain}`);
    await play.signal('progress', { step: drain, note: '3 in flight' });
    await play.signal('rollback', ann);
    return await ended(play);
  },
  async 'failed-and-rolled-back'(stage) {
    const script = createScript(plan({ service: 'api' }, { service: 'web' })).on('web/launch/shop-web-r2-1', blocks);
    return await ended(await stage.play(script.on(probe, fails('not-ready', 'GET / answers 500', 'look'))));
  },
  async 'rolling-back-open'(stage) {
    const step = 'api/undo/drain/shop-api-r2-1';
    const play = await stage.play(
      createScript(plan({ instances: 2 }))
        .on('api/probe/shop-api-r2-2', fails('not-ready'))
        .on(step, blocks),
    );
    await play.script.until(`+${step}`);
    return play;
  },
  async 'paused-open'(stage) {
    const play = await stage.play(createScript(plan()).on(launch, blocks));
    await play.script.until(`+${launch}`);
    await play.signal('pause', ann);
    play.script.release(launch);
    await play.until('paused', ({ steps }) => steps[launch]?.state === 'done');
    return play;
  },
  async 'held-open'(stage) {
    const play = await stage.play(createScript(plan({ on_failure: 'hold' })).on(probe, fails('not-ready')));
    await play.until('held', ({ phase }) => phase === 'held');
    return play;
  },
  async 'held-and-tried-again'(stage) {
    const play = await stage.play(createScript(plan({ on_failure: 'hold' })).on(probe, fails('not-ready')));
    await play.until('held', ({ phase }) => phase === 'held');
    await play.update('retry', ann);
    return await ended(play);
  },
  async 'drain-skipped'(stage) {
    const play = await stage.play(createScript(plan()).on(drain, blocks));
    await play.script.until(`+${drain}`);
    await play.signal('skip', ann);
    return await ended(play);
  },
  async 'host-out-of-reach'(stage) {
    return await ended(await stage.play(createScript(plan()).on(launch, failsForGood('engine-unreachable'))));
  },
  async 'planned-once-its-host-came'(stage) {
    const play = await stage.play(plan(), { input: { host: 'late' } });
    await play.until('without a worker', ({ waiting }) => waiting.length > 0);
    await stage.host('late');
    return await ended(play);
  },
  async 'rolled-back-before-its-host-came'(stage) {
    const play = await stage.play(plan(), { input: { host: 'never' } });
    await play.until('without a worker', ({ waiting }) => waiting.length > 0);
    await play.signal('rollback', ann);
    return await ended(play);
  },
  async cancelled(stage) {
    const play = await stage.play(createScript(plan()).on(drain, blocks));
    await play.script.until(`+${drain}`);
    await play.handle.cancel();
    return await ended(play);
  },
  async superseded(stage) {
    return await ended(await stage.play(createScript(plan()).on(launch, fails('fence-stale'))));
  },
  async 'rollback-workflow'(stage) {
    return await ended(await stage.play(planBack(), { kind: 'rollback' }));
  },
  async 'said-before-the-plan'(stage) {
    return await ended(
      await stage.play(plan(), {
        first: [
          ['pause', ann],
          ['approve', ann],
          ['resume', ann],
        ],
      }),
    );
  },
  async 'blue-green-kept-warm'(stage) {
    return await ended(await stage.play(planBlueGreen()));
  },
  async 'blue-green-turned-after-its-switch'(stage) {
    const record = 'api/record';
    const play = await stage.play(createScript(planBlueGreen()).on(record, blocks));
    await play.script.until(`+${record}`);
    await play.signal('rollback', ann);
    return await ended(play);
  },
  async canary(stage) {
    const play = await stage.play(planCanary());
    await play.until('at the gate', ({ waiting }) => waiting.length > 0);
    await play.update('approve', ann);
    return await ended(play);
  },
  async 'canary-rejected'(stage) {
    const play = await stage.play(planCanary());
    await play.until('at the gate', ({ waiting }) => waiting.length > 0);
    await play.update('reject', ann);
    return await ended(play);
  },
  async 'canary-open-at-its-gate'(stage) {
    const play = await stage.play(planCanary());
    await play.until('at the gate', ({ waiting }) => waiting.length > 0);
    return play;
  },
  async 'configuration-written-and-put-back'(stage) {
    return await ended(await stage.play(createScript(planConfig()).on(probe, fails('not-ready'))));
  },
  async recreated(stage) {
    return await ended(await stage.play(planRecreate()));
  },
  async 'warm-set-retired'(stage) {
    return await ended(await stage.play(planRetired(), { kind: 'retire', input: { after: 100 } }));
  },
  async 'warm-set-open'(stage) {
    const play = await stage.play(planRetired(), { kind: 'retire', input: { after: 86_400_000 } });
    await play.until('it waits', ({ phase }) => phase === 'planning');
    return play;
  },
  async dropped(stage) {
    return await ended(await stage.play(planAway(), { kind: 'drop' }));
  },
  async 'drop-held-open'(stage) {
    const step = planAway().steps.find(({ kind }) => kind === 'retire')!.id;
    const play = await stage.play(createScript(planAway()).on(step, fails('launch-failed')), { kind: 'drop' });
    await play.until('held', ({ phase }) => phase === 'held');
    return play;
  },
  async pruned(stage) {
    return await ended(await stage.play(planPrune(), { kind: 'prune' }));
  },
  async 'backup-made'(stage) {
    return await ended(await stage.play(planCopies(), { kind: 'backup' }));
  },
  async 'backup-made-in-part'(stage) {
    const script = createScript(planCopies()).on('crm/backup/crm/postgres/shop', fails('backup-failed'));
    return await ended(await stage.play(script, { kind: 'backup' }));
  },
  async 'backup-cancelled'(stage) {
    const id = 'db/backup/db/postgres/shop';
    const play = await stage.play(createScript(planCopies()).on(id, blocks), { kind: 'backup' });
    await play.script.until(`+${id}`);
    await play.handle.cancel();
    return await ended(play);
  },
  async drilled(stage) {
    return await ended(await stage.play(planCopies({ drill: true }), { kind: 'drill', input: { restore: true } }));
  },
  async 'shutdowns-drilled'(stage) {
    const script = createScript(planShutdowns()).on('api/drill', fails('drill-failed', 'killed'));
    return await ended(await stage.play(script, { kind: 'drill', input: { all: true } }));
  },
  async 'shutdown-drill-cancelled'(stage) {
    const play = await stage.play(createScript(planShutdowns()).on('api/drill', blocks), {
      kind: 'drill',
      input: { all: true },
    });
    await play.script.until('+api/drill');
    await play.handle.cancel();
    return await ended(play);
  },
  async restored(stage) {
    return await ended(await stage.play(planRestored({ halts: true, keeps: 'running' }), { kind: 'restore' }));
  },
  async 'restore-taken-back'(stage) {
    const script = createScript(planRestored()).on('web/probe/shop-web-r1-1', fails('not-ready'));
    return await ended(await stage.play(script, { kind: 'restore' }));
  },
  async 'restore-open'(stage) {
    const play = await stage.play(createScript(planRestored()).on('db/restore/commit', blocks), { kind: 'restore' });
    await play.script.until('+db/restore/commit');
    return play;
  },
  async 'packed-plan-open'(stage) {
    const play = await stage.play(createScript(planPacked()).on(drain, blocks));
    await play.script.until(`+${drain}`);
    return play;
  },
  async 'queued-until-free'(stage) {
    const script = createScript(plan()).on('plan', heldBy('release/shop/other'), heldBy('release/shop/other'));
    return await ended(await stage.play(script, { input: { when_running: 'queue' } }));
  },
  async 'queued-in-line'(stage) {
    const { first } = await twoInLine(stage);
    return await ended(first);
  },
  async 'queued-behind-one-that-runs'(stage) {
    const { second } = await twoInLine(stage);
    return await ended(second);
  },
  async 'replaced-another'(stage) {
    const script = createScript(plan()).on('plan', heldBy('release/shop/other'));
    return await ended(await stage.play(script, { input: { when_running: 'replace' } }));
  },
  async 'planned-anew-where-another-claimed-first'(stage) {
    const script = createScript(plan()).on('api/claim', fails('fence-stale'));
    return await ended(await stage.play(script, { input: { when_running: 'queue' } }));
  },
  async 'proxy-of-its-own'(stage) {
    return await ended(await stage.play(planFronted()));
  },
  async 'proxy-taken-off'(stage) {
    return await ended(await stage.play(planUnfronted()));
  },
  async 'taken-over-from-compose'(stage) {
    return await ended(await stage.play(planTakeOver()));
  },
  async 'given-back-to-compose'(stage) {
    const record = 'api/record';
    const play = await stage.play(createScript(planTakeOver()).on(record, blocks));
    await play.script.until(`+${record}`);
    await play.signal('rollback', ann);
    return await ended(play);
  },
  async 'held-and-skipped'(stage) {
    const given = plan({ on_failure: 'hold', validate: [smoke('before')] });
    const check = given.steps.find((step) => step.kind === 'validate' && step.smoke && !step.former)!.id;
    const play = await stage.play(createScript(given).on(check, fails('smoke-failed')));
    await play.until('held', ({ phase }) => phase === 'held');
    await play.update('skip', { ...ann, step: check });
    return await ended(play);
  },
  async 'held-by-a-test-that-failed-before'(stage) {
    const given = plan({ validate: [smoke('before'), { ...smoke('during'), name: 'rate' }] });
    const test = 'api/validate/before/smoke';
    const script = createScript(given).on('api/validate/former/smoke', async () => ({ fails: 'answered 500' }));
    const play = await stage.play(script.on(test, fails('inconclusive')));
    await play.until('held', ({ phase }) => phase === 'held');
    await play.update('skip', { ...ann, step: test });
    return await ended(play);
  },
  async 'held-by-its-watch'(stage) {
    const watch = 'api/validate/up';
    const script = createScript(plan({ on_failure: 'hold', instances: 2 }))
      .on(drain, blocks)
      .on(watch, fails('not-live'));
    const play = await stage.play(script);
    await play.until('held', ({ phase }) => phase === 'held');
    script.release(drain);
    await play.until('the drain is over', ({ steps }) => steps[drain]?.state === 'done');
    await play.update('retry', { ...ann, step: watch });
    return await ended(play);
  },
  async 'way-back-given-up'(stage) {
    const step = 'api/undo/retire/shop-api-r2-1';
    const play = await stage.play(createScript(plan()).on(probe, fails('not-ready')).on(step, fails('launch-failed')));
    await play.until('held on the way back', ({ waiting }) => waiting.length > 0);
    await play.update('skip', ann);
    return await ended(play);
  },
  async 'left-as-it-stands'(stage) {
    return await ended(await stage.play(createScript(plan({ on_failure: 'leave' })).on(probe, fails('not-ready'))));
  },
  async 'one-that-writes-to-a-volume-stays'(stage) {
    const given = plan({ service: 'api', stateful: true }, { service: 'web' });
    const last = 'web/probe/shop-web-r2-1';
    const play = await stage.play(createScript(given).on(last, blocks, fails('not-ready')).on('web/record', blocks));
    await play.until('api has succeeded', ({ steps }) => steps[drain]?.state === 'done');
    await play.signal('rollback', ann);
    return await ended(play);
  },
  async unchanged(stage) {
    return await ended(await stage.play(settled()));
  },
  async 'released-and-watched'(stage) {
    return (await watchOf(stage, 'well')).release;
  },
  async 'watch-of-one-that-stays'(stage) {
    return await over(await watchOf(stage, 'well'));
  },
  async 'watch-that-takes-it-back'(stage) {
    return await over(await watchOf(stage, 'bad'));
  },
  async 'watch-that-passed'(stage) {
    return await over(await watchOf(stage, 'well'));
  },
  async 'watch-that-waited-for-its-rollback'(stage) {
    return await over(await watchOf(stage, 'bad'));
  },
  async 'watch-without-an-answer'(stage) {
    return await over(await watchOf(stage, 'unclear'));
  },
  async 'watch-open'(stage) {
    const { handle } = await watchOf(stage, 'slow');
    await others.until(`+${later}/slow`);
    return { handle };
  },
  async 'tested-as-a-whole'(stage) {
    return (await watchOfAll(stage)).release;
  },
  async 'held-by-a-test-of-the-whole'(stage) {
    const before = 'platform/test/before/smoke';
    const play = await stage.play(createScript(wholly()).on(before, fails('inconclusive', 'smoke: 502')));
    await play.until('held', ({ waiting }) => waiting.length > 0);
    await play.update('skip', ann);
    return await ended(play);
  },
  async 'watch-of-all-that-takes-it-back'(stage) {
    return await over(await watchOfAll(stage));
  },
  async 'dry-run'(stage) {
    return await ended(await stage.play(plan(), { input: { dry_run: true } }));
  },
};

/** Two plays of which the second waits for the first, which runs when the second asks again. The first may end now. */
async function twoInLine(stage: Stage): Promise<{ first: Play; second: Play }> {
  const first = await stage.play(createScript(plan()).on(launch, blocks));
  await first.script.until(`+${launch}`);
  const second = await stage.play(createScript(plan()).on('plan', heldBy(first.handle.workflowId)), {
    input: { when_running: 'queue' },
  });
  await waitFor({ what: 'the second asks again', until: async () => (await asked(first)) > 1 });
  first.script.release(launch);
  return { first, second };
}

const asked = async ({ handle }: Play): Promise<number> =>
  ((await handle.fetchHistory()).events ?? []).filter(
    ({ workflowExecutionSignaledEventAttributes: one }) => one?.signalName === 'queued',
  ).length;

const later = 'api/validate/later';

/** The script of what a release leaves behind, a retirement or a watch, and of a release that is asked to roll back. */
const others = createScript(planRetired())
  .on(`${later}/well`, answers('advance'))
  .on(`${later}/bad`, fails('smoke-failed', 'home: roll back'))
  .on(`${later}/unclear`, fails('inconclusive', 'home: hold'))
  .on(`${later}/slow`, blocks)
  .on('platform/test/later/smoke', fails('smoke-failed', 'smoke: roll back'));

/** A release that has ended, and the watch that it has started, with a test of this name. */
async function watchOf(stage: Stage, name: string): Promise<Pick<Play, 'handle'> & { release: Play }> {
  const test = { name, when: [], http: '/', port: 8080, status: 200, timeout: 1_000, later: 60_000 };
  const release = await ended(await stage.play(plan({ validate: [test] })));
  const { steps } = await release.status();
  return { release, handle: stage.client.workflow.getHandle(steps['api/later']!.note!) };
}

/** A plan of two services of a platform that is tested as a whole, also later. */
const wholly = () =>
  planOf(shop({ service: 'api' }, { service: 'web' }), [
    { ...platformTest('smoke', ['before', 'during', 'after']), later: 60_000 },
  ]);

async function watchOfAll(stage: Stage): Promise<Pick<Play, 'handle'> & { release: Play }> {
  const release = await ended(await stage.play(wholly()));
  const { steps } = await release.status();
  return { release, handle: stage.client.workflow.getHandle(steps['platform/later']!.note!) };
}

async function over(play: Pick<Play, 'handle'>): Promise<Pick<Play, 'handle'>> {
  await play.handle.result().catch(() => undefined);
  return play;
}

async function ended(play: Play): Promise<Play> {
  await play.end();
  return play;
}

async function record(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const stage = await createStage({ others });
  try {
    for (const [name, bring] of Object.entries(scenes).filter(([name]) => !existsSync(fileOf(name)))) {
      const play = await bring(stage);
      const { events } = JSON.parse(historyToJSON(await play.handle.fetchHistory())) as { events: unknown[] };
      writeFileSync(fileOf(name), text(events));
      console.log(`${name}: ${events.length} events`);
    }
  } finally {
    await stage.close();
  }
}

/** One event a line. */
const text = (events: unknown[]): string =>
  `{"events":[\n${events.map((event) => JSON.stringify(event)).join(',\n')}\n]}\n`;

record().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
