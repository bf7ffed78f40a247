import fc from 'fast-check';
import { createCopy } from '../../src/model/changes';
import { packPlan, unpacked } from '../../src/model/packed';
import type { ReleaseStatus, StepState } from '../../src/model/status';
import { createBoard } from '../../workflows/board';
import { plan } from './plans';

const start = { kind: 'release' as const, platform: 'shop', by: 'ann', reason: '' };
const given = plan({ instances: 3 });
const longPlan = plan({ instances: 20 });
const states: StepState[] = ['waiting', 'running', 'done', 'failed', 'skipped', 'cancelled', 'unreachable'];
const asJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

const change = fc.oneof(
  fc.record({ kind: fc.constant('step' as const), at: fc.nat(), state: fc.constantFrom(...states), note: fc.string() }),
  fc.record({ kind: fc.constant('note' as const), at: fc.nat() }),
  fc.record({ kind: fc.constantFrom('look' as const, 'again' as const, 'run' as const, 'pause' as const) }),
);

test('a copy that takes the changes is the status, over plans and runs', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      let board = createBoard(start, () => undefined);
      const copy = createCopy();
      board.plan(given);
      for (const one of changes) {
        const { steps = [], undo = [] } = board.status.plan ?? {};
        const graph = [...steps, ...undo];
        if (one.kind === 'step') {
          const failure = { code: 'not-ready', message: one.note };
          const more = one.state === 'failed' ? { failure } : { note: one.note };
          board.step(graph[one.at % graph.length]!, one.state, more);
        } else if (one.kind === 'note') board.note(graph[one.at % graph.length]!.id, 'at work');
        else if (one.kind === 'pause') board.paused(!board.status.paused);
        else if (one.kind === 'again') {
          board.reset();
          look();
          board.plan(given);
        } else if (one.kind === 'run') board = nextRun(board);
        else look();
      }
      look();

      function look(): void {
        for (let isMore = true; isMore; ) {
          const answer = asJson(board.since(copy.upTo));
          copy.take(answer);
          isMore = answer.more === true;
        }
        expect(copy.status()).toEqual(asJson(unpacked<ReleaseStatus>(board.carried())));
      }
    }),
  );
});

/** Returns the board that the next run of the workflow has. */
function nextRun(board: ReturnType<typeof createBoard>): ReturnType<typeof createBoard> {
  const { plan, ...rest } = board.handOver();
  const said = { approved: [], retry: [], skip: [] };
  const carriage = asJson({ format: 1 as const, ...rest, said, times: { began: 0 } });
  return createBoard(start, () => undefined, { plan: asJson(plan), carriage });
}

test('rounds go on in the next run', () => {
  const board = createBoard(start, () => undefined);
  const [step] = given.steps;
  board.plan(given);
  board.step(step!, 'running');
  expect([board.nextRound(step!.id), board.nextRound(step!.id)]).toEqual([1, 2]);
  expect(nextRun(board).nextRound(step!.id)).toBe(3);
});

test('what was cut goes on with the time that it had begun', () => {
  jest.useFakeTimers({ now: 1_000_000 });
  const board = createBoard(start, () => undefined);
  const [step] = given.steps;
  board.plan(given);
  board.step(step!, 'running');
  const { startedAt } = board.of(step!.id)!;
  board.step(step!, 'waiting', { cut: true });
  const next = nextRun(board);
  jest.setSystemTime(2_000_000);
  next.step(step!, 'running');
  expect(next.of(step!.id)).toMatchObject({ startedAt, cut: true });
  next.step(step!, 'done');
  expect(next.of(step!.id)).not.toHaveProperty('cut');
  jest.useRealTimers();
});

test('a plan is sent once, and states of steps in parts that a payload can carry', () => {
  const board = createBoard(start, () => undefined);
  board.plan(packPlan(longPlan));
  for (const step of longPlan.steps) board.step(step, 'done', { note: 'n'.repeat(20_000) });
  const copy = createCopy();
  const answers = [];
  do {
    answers.push(board.since(copy.upTo));
    copy.take(answers.at(-1)!);
  } while (answers.at(-1)!.more);
  expect(answers.map((one) => one.plan !== undefined)).toEqual(answers.map((_, index) => index === 0));
  expect(answers.length).toBeGreaterThan(3);
  expect(Math.max(...answers.map(({ steps }) => JSON.stringify(steps).length))).toBeLessThan(600 * 1024);
  expect(copy.status()).toEqual(unpacked<ReleaseStatus>(board.carried()));
  expect(board.since(copy.upTo)).toMatchObject({ steps: {} });
});
