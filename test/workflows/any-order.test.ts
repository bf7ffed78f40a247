import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import type { ErrorCode } from '../../src/errors';
import type { DesiredService, DesiredValidation, OnFailure } from '../../src/model/desired';
import type { Message } from '../../src/model/messages';
import type { Plan, Step } from '../../src/model/plan';
import type { ReleaseStatus } from '../../src/model/status';
import { waitFor } from '../../testbed/wait';
import { platformTest } from '../plan/arbitraries';
import { expectUndone } from './expectations';
import { createHost, type Host, type Try } from './host';
import { planOf, type Shop, shop, smoke } from './plans';
import { createScript, type Script } from './script';
import { createStage, type End, type Play, type Stage } from './stage';

/** A release ends after any messages in any order and any failures, and its account of the host is true. */

let stage: Stage;
afterEach(() => stage.close());

type Word = { after: number; said: Message | 'cancel'; how: 'signal' | 'update' };

interface Scene {
  services: Array<{ instances: number; pauseAfter?: number; onFailure: OnFailure; smokes: boolean }>;
  /** Troubles by the place of the step, in the plan and its undo steps. */
  troubles: Array<{ at: number; tries: Try[] }>;
  words: Word[];
  /** The moments at which the platform is tested as a whole. */
  tested: DesiredValidation['when'];
}

const codes: ErrorCode[] = [
  'not-ready',
  'launch-failed',
  'drain-deadline',
  'smoke-failed',
  'proxy-refused',
  'instance-lost',
];
const someTry: fc.Arbitrary<Try> = fc.record({
  takes: fc.integer({ min: 0, max: 80 }),
  actsFirst: fc.boolean(),
  failure: fc.option(fc.record({ code: fc.constantFrom(...codes), actsFirst: fc.boolean() }), {
    nil: undefined,
    freq: 1,
  }),
});
const words: Word['said'][] = ['pause', 'resume', 'approve', 'reject', 'rollback', 'retry', 'skip', 'cancel'];

const scene: fc.Arbitrary<Scene> = fc.record({
  services: fc.array(
    fc.record({
      instances: fc.integer({ min: 1, max: 3 }),
      pauseAfter: fc.option(fc.constant(1), { nil: undefined }),
      onFailure: fc.constantFrom<OnFailure>('rollback', 'hold'),
      smokes: fc.boolean(),
    }),
    { minLength: 1, maxLength: 2 },
  ),
  troubles: fc.array(fc.record({ at: fc.nat(60), tries: fc.array(someTry, { minLength: 1, maxLength: 2 }) }), {
    maxLength: 5,
  }),
  words: fc.array(
    fc.record({
      after: fc.nat(60),
      said: fc.constantFrom(...words),
      how: fc.constantFrom('signal' as const, 'update' as const),
    }),
    { maxLength: 7 },
  ),
  tested: fc.subarray<DesiredValidation['when'][number]>(['before', 'during', 'after']),
});

// For a wider search by hand: SEED=11 SCENES=500 CACHED=0 npx jest test/workflows/any-order
const seed = Number(process.env.SEED ?? 7);
const count = Number(process.env.SCENES ?? 24);
// 0: every workflow task replays all of the history, so that nothing can depend on what only memory holds.
const cached = Number(process.env.CACHED ?? 100);
const together = 8;

test(`any order of messages and failures comes to an end that is true (seed ${seed})`, async () => {
  stage = await createStage({ maxCachedWorkflows: cached });
  await expectTrueEnds(fc.sample(scene, { seed, numRuns: count }));
}, 3_600_000);

test(`the same over many runs of each workflow (seed ${seed})`, async () => {
  stage = await createStage({ maxCachedWorkflows: cached, longestHistory: 60 });
  await expectTrueEnds(fc.sample(scene, { seed: seed + 1, numRuns: count / 2 }));
}, 3_600_000);

async function expectTrueEnds(scenes: Scene[]): Promise<void> {
  for (let at = 0; at < scenes.length; at += together) {
    await Promise.all(scenes.slice(at, at + together).map((one, index) => named(at + index, one)));
  }
}

async function named(number: number, given: Scene): Promise<void> {
  try {
    await expectTrueEnd(given);
  } catch (error) {
    throw new Error(`scene ${number}: ${(error as Error).message}\n${JSON.stringify(given)}`, { cause: error });
  }
}

async function expectTrueEnd(told: Scene): Promise<void> {
  const given = shop(...told.services.map(serviceOf));
  const plan = planOf(given, [platformTest('whole', told.tested)]);
  const host = createHost(given);
  const script = scriptOf(plan, { host, troubles: told.troubles });
  const before = serving(given, host);
  const play = await stage.play(script);
  const end = await bringToAnEnd(
    play,
    [...told.words].sort((a, b) => a.after - b.after),
  );
  const status = await play.status();
  expect({ phase: status.phase, violations: host.violations }).toEqual({ phase: 'closed', violations: [] });
  await expectTrue({ given, host, before, play, end, status });
}

interface Ended {
  given: Shop;
  host: Host;
  before: string[][];
  play: Play;
  end: End;
  status: ReleaseStatus;
}

async function expectTrue({ given, host, before, play, end, status }: Ended): Promise<void> {
  const now = serving(given, host);
  const { outcome } = status;
  if (outcome === 'released') {
    expect(end.closed).toBe('completed');
    expect(now.flat().filter((name) => name.includes('-r1-'))).toEqual([]);
    expect(now.map((names) => names.length)).toEqual(given.desired.map((one) => one.instances));
  } else if (outcome === 'incomplete') {
    expect(status.heard.map((one) => one.message)).toContain('skip');
  } else {
    expect(outcome).toMatch(/^(rolled-back|failed|rejected|cancelled)$/);
    expect(end.closed).toBe(outcome === 'cancelled' ? 'cancelled' : outcome === 'rolled-back' ? 'completed' : 'failed');
    expect(now).toEqual(before);
    await expectUndone(play);
  }
}

const serving = ({ desired }: Shop, host: Host): string[][] => desired.map((one) => host.serving(one.service));

function serviceOf(
  { instances, pauseAfter, onFailure, smokes }: Scene['services'][number],
  index: number,
): Partial<DesiredService> {
  return {
    service: ['api', 'web'][index]!,
    instances,
    strategy: { kind: 'rolling', surge: 1, unavailable: 0, pause_after: pauseAfter },
    on_failure: onFailure,
    drain: { deadline: 30_000, at_deadline: 'hold' },
    validate: smokes ? [smoke('before'), smoke('after')] : [],
  };
}

function scriptOf(plan: Plan, { host, troubles }: { host: Host; troubles: Scene['troubles'] }): Script {
  const script = createScript(plan);
  const steps = [...plan.steps, ...plan.undo].filter((step) => step.kind !== 'approve' && !isWatch(step));
  for (const step of steps) {
    const tries = troubles.filter(({ at }) => steps[at % steps.length] === step).flatMap((one) => one.tries);
    const fine: Try[] = Array.from({ length: 8 }, () => ({ takes: 0, actsFirst: false }));
    script.on(step.id, ...[...tries.map((one) => plausible(step, one)), ...fine].map(host.behaviour));
  }
  return script;
}

const isWatch = (step: Step): boolean => step.kind === 'validate' && step.until !== undefined;

/** Only a drain has a deadline. */
function plausible(step: Step, given: Try): Try {
  if (given.failure?.code !== 'drain-deadline' || step.kind === 'drain') return given;
  return { ...given, failure: { ...given.failure, code: 'unexpected' } };
}

/** Sends each message when its time has come or nothing moves, then whatever lets the release go on. */
async function bringToAnEnd(play: Play, list: Word[]): Promise<End> {
  let end: End | undefined;
  const ended = play.end().then((value) => {
    end = value;
  });
  let seen = -1;
  await waitFor({
    what: 'the end',
    within: 20_000,
    every: 20,
    until: async () => {
      const events = play.script.events.length;
      const still = events === seen;
      seen = events;
      while (list[0] && !end && (list[0].after <= events || still)) await say(play, list.shift()!);
      if (!end && still) await goOn(play, await play.status());
      return end;
    },
  });
  await ended;
  return end!;
}

async function say(play: Play, { said, how }: Word): Promise<void> {
  // Messages that do not fit, or come after the end, are refused; that is part of the game.
  const ignore = () => undefined;
  if (said === 'cancel') await play.handle.cancel().catch(ignore);
  else if (how === 'signal') await play.signal(said, { by: 'ann' }).catch(ignore);
  else await play.update(said, { by: 'ann' }).catch(ignore);
}

async function goOn(play: Play, { paused, waiting, phase }: ReleaseStatus): Promise<void> {
  if (phase === 'closed') return;
  if (paused) await say(play, { after: 0, said: 'resume', how: 'signal' });
  else if (waiting.some((one) => one.kind === 'held')) await say(play, { after: 0, said: 'retry', how: 'signal' });
  else if (waiting.some((one) => one.kind === 'approval'))
    await say(play, { after: 0, said: 'approve', how: 'signal' });
  else await wait(20);
}
