import { randomUUID } from 'node:crypto';
import { createHandle } from '../../src/client/handle';
import { isOpen } from '../../src/worker/is-open';
import { waitFor } from '../../testbed/wait';
import { expectUndone } from './expectations';
import { plan, planLarge } from './plans';
import { blocks, createScript, fails, leaves, type Script } from './script';
import { createStage, type Play, type Stage } from './stage';

/**
 * Releases whose histories grow so long that Temporal asks for new ones. They go on in other runs of the same workflow.
 */

let stage: Stage;
beforeAll(async () => {
  stage = await createStage({ longestHistory: 300 });
});
afterAll(() => stage.close());

const ann = { by: 'ann' };

/** Watches a release until its end, as the command line does. Returns the number of steps in each look. */
async function watched(play: Play): Promise<number[]> {
  const handle = createHandle(stage.client, play.handle.workflowId);
  const seen: number[] = [];
  let isOver = false;
  const ended = play.end().finally(() => {
    isOver = true;
  });
  while (!isOver) seen.push(Object.keys((await handle.status()).steps).length);
  await ended;
  expect(await handle.status()).toEqual(await play.status());
  return seen;
}

/** Ids of the first runs that steps of later runs act for. */
const firstRuns = ({ acts }: Script) => [...new Set(acts.flatMap(({ input }) => input.firstRun ?? []))];

async function runsOf({ handle }: Play): Promise<{ first: string; last: string }> {
  const { raw, runId } = await stage.client.workflow.getHandle(handle.workflowId).describe();
  return { first: raw.workflowExecutionInfo!.firstRunId!, last: runId };
}

test('150 instances are released over several runs, and every look shows how far they are', async () => {
  const play = await stage.play(planLarge(150));
  const seen = await watched(play);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(await play.end()).toMatchObject({ outcome: 'released', result: { revisions: { api: 2, web: 2 } } });
  const { steps } = await play.status();
  expect(play.script.plan.steps.filter(({ id }) => steps[id]?.state !== 'done')).toEqual([]);
  const { first, last } = await runsOf(play);
  expect(first).not.toBe(last);
  expect(firstRuns(play.script)).toEqual([first]);
});

test('one that fails in a later run goes back over several, and undoes what all of them did', async () => {
  const given = planLarge(60);
  const last = given.steps.findLast(({ kind }) => kind === 'probe')!.id;
  const play = await stage.play(createScript(given).on(last, fails('not-ready')));
  expect(await play.end()).toMatchObject({ type: 'failed', result: { revisions: { api: 1, web: 1 } } });
  await expectUndone(play);
  const { first, last: latest } = await runsOf(play);
  expect(first).not.toBe(latest);
});

test('what is held, said, paused and waited for goes with it, and a step that was cut goes on', async () => {
  const launch = 'api/launch/shop-api-r2-1';
  const drain = 'api/drain/shop-api-r1-1';
  const gated = { instances: 2, strategy: { kind: 'rolling' as const, surge: 1, unavailable: 0, pause_after: 1 } };
  const play = await stage.play(createScript(plan(gated)).on(launch, blocks).on(drain, blocks, blocks));
  await play.script.until(`+${launch}`);
  await play.signal('pause', { ...ann, reason: 'a look' });
  play.script.release(launch);
  await play.until('launched', ({ steps }) => steps[launch]?.state === 'done');
  await renewed(play);
  expect(await play.status()).toMatchObject({ paused: true, heard: [{ by: 'ann', reason: 'a look' }] });
  await play.signal('resume', ann);
  await play.script.until(`+${drain}`);
  await renewed(play);
  await play.script.until(`+${drain}`, 2);
  const [before, after] = play.script.acts.filter(({ id }) => id === drain).map(({ input }) => input);
  expect(after!.round).toBeGreaterThan(before!.round);
  expect(after!.left).toMatchObject({ elapsed: expect.any(Number) });
  play.script.releaseAll();
  const { waiting } = await play.until('at the gate', (status) => status.waiting.length > 0);
  await renewed(play);
  expect((await play.until('at the gate again', (status) => status.waiting.length > 0)).waiting).toEqual(waiting);
  await play.update('approve', ann);
  expect(await play.end()).toMatchObject({ outcome: 'released' });
});

test('a watch and its notes go with it', async () => {
  const watch = 'api/validate/up';
  const left = { elapsed: 7_000, memory: { 'live shop-api-r2-1': '2' } };
  const gated = { instances: 2, strategy: { kind: 'rolling' as const, surge: 1, unavailable: 0, pause_after: 1 } };
  const play = await stage.play(createScript(plan(gated)).on(watch, leaves(left)));
  await play.until('at the gate', (status) => status.waiting.length > 0);
  await renewed(play);
  const { steps } = await play.until('watched again', ({ steps }) => steps[watch]?.state === 'running');
  expect(steps[watch]).not.toHaveProperty('endedAt', expect.any(String));
  await play.update('approve', ann);
  expect(await play.end()).toMatchObject({ outcome: 'released' });
  const [, again] = play.script.acts.filter(({ id }) => id === watch).map(({ input }) => input);
  expect(again?.left).toEqual(left);
});

test('what its first run holds on a host is held until the latest one ends', async () => {
  const launch = 'api/launch/shop-api-r2-1';
  const play = await stage.play(createScript(plan()).on(launch, blocks, blocks));
  await play.script.until(`+${launch}`);
  const { workflowId } = play.handle;
  const owner = { workflowId, runId: (await runsOf(play)).first, namespace: 'default', cluster: 'c' };
  await renewed(play);
  await play.script.until(`+${launch}`, 2);
  expect(await isOpen(stage.client, owner)).toBe('open');
  expect(await isOpen(stage.client, { ...owner, runId: randomUUID() })).toBe('closed');
  play.script.releaseAll();
  await play.end();
  expect(await isOpen(stage.client, owner)).toBe('closed');
});

/** Says so much that Temporal asks for a new run. */
async function renewed(play: Play): Promise<void> {
  const { last } = await runsOf(play);
  for (let said = 0; said < 300; said += 50)
    await Promise.all(Array.from({ length: 50 }, () => play.signal('progress', { step: 'none', note: '' })));
  await waitFor({ what: 'another run', until: async () => (await runsOf(play)).last !== last });
}
