import { attend, followCommand } from '../../src/cli/follow-command';
import type { ReleaseHandle } from '../../src/client';
import { BelayError } from '../../src/errors';
import type { ReleaseResult, ReleaseStatus } from '../../src/model/status';
import { fakeContext, fakeTerminal, samplePlan, status } from './support';

const workflowId = 'release/shop/1';
const planning = status({ phase: 'planning' });
const never = new Promise<never>(() => {});

/** Follows what answers this, and tells what was printed. */
async function followed(
  answer: ReleaseStatus | BelayError,
  end: Promise<ReleaseResult>,
  { json = false, interrupted = new AbortController().signal } = {},
) {
  const terminal = fakeTerminal();
  const handle = {
    workflowId,
    result: () => end,
    runId: async () => '01a2-b',
    async status() {
      if (answer instanceof BelayError) throw answer;
      return answer;
    },
  } as ReleaseHandle;
  const context = fakeContext({ terminal, interrupted });
  const code = await followCommand(context, { handle, kind: 'release', json }).catch((error: unknown) => error);
  return { code, out: terminal.text(), err: terminal.errors() };
}

test('what is interrupted before its start is not started, and says so', async () => {
  const start = jest.fn();
  const context = fakeContext({ interrupted: AbortSignal.abort() });
  await expect(attend(context, { start, kind: 'drop' })).rejects.toThrow('interrupted; nothing was changed');
  expect(start).not.toHaveBeenCalled();
});

const soon = <T>(act: () => T): Promise<T> => new Promise((resolve) => setImmediate(resolve)).then(act);

const refusal = new BelayError('spec-invalid', 'belay.yaml:1:1 …');
const refused = () =>
  soon(() => {
    throw refusal;
  });

test.each([false, true])(
  'one that is refused while its plan is made is never said to have begun, json: %s',
  async (json) => {
    expect(await followed(planning, refused(), { json })).toEqual({ code: refusal, out: '', err: '' });
    const closed = status({ phase: 'closed', outcome: 'failed' });
    expect(await followed(closed, refused(), { json })).toEqual({ code: refusal, out: '', err: '' });
  },
);

test('one that nobody has refused is named, whatever is wrong: it may go on', async () => {
  const broken = soon(() => {
    throw new Error('13 INTERNAL');
  });
  const { out } = await followed(planning, broken);
  expect(out).toMatch(/^release release\/shop\/1/);
});

test('one that has a plan is named before it, once', async () => {
  const plan = samplePlan();
  const released = soon((): ReleaseResult => ({ outcome: 'released', platform: 'shop', revisions: {} }));
  const { code, out } = await followed(status({ plan }), released, { json: true });
  expect(code).toBe(0);
  const events = out.split('\n').map((line) => JSON.parse(line) as { type: string; startUrl?: string });
  expect(events.map(({ type }) => type)).toEqual(['started', 'plan', 'phase', 'outcome']);
  expect(events.at(-1)!.startUrl).toMatch(/start-workflow\?.*&runId=01a2-b$/);
});

test('one that is cancelled says what it went back to, which its result has lost', async () => {
  const cancelled = soon((): ReleaseResult => ({ outcome: 'cancelled', platform: 'shop', revisions: {} }));
  const { code, out } = await followed(status({ plan: samplePlan() }), cancelled);
  expect(code).toBe(5);
  expect(out).toContain('was cancelled, and it is back where it was (api revision 1)');
});

test('one that is turned back before it has a plan is not said to have gone back', async () => {
  const turned = soon((): ReleaseResult => ({ outcome: 'rolled-back', platform: 'shop', revisions: {} }));
  const { code, out } = await followed(planning, turned);
  expect(code).toBe(0);
  expect(out.split('\n').slice(-2)).toEqual([
    '✓ the release of shop was rolled back before it started; nothing was changed',
    expect.stringMatching(/^again: http:.*&runId=01a2-b$/),
  ]);
});

test.each([false, true])('whoever watches learns what becomes of it while Temporal is away, json: %s', async (json) => {
  const away = new BelayError('temporal-unreachable', 'Temporal does not answer', { hint: 'is it running?' });
  const answers: Array<ReleaseStatus | BelayError> = [planning, away, away, status()];
  const left = answers.values();
  const ending = new AbortController();
  const ended = new Promise<ReleaseResult>((resolve) => {
    const end = () => resolve({ outcome: 'released', platform: 'shop', revisions: {} });
    ending.signal.addEventListener('abort', end);
  });
  const terminal = fakeTerminal();
  const handle = {
    workflowId,
    result: () => ended,
    runId: async () => undefined,
    async status() {
      const next = left.next().value;
      if (next instanceof BelayError) throw next;
      if (next === undefined) ending.abort();
      return next ?? status();
    },
  } as ReleaseHandle;
  await followCommand(fakeContext({ terminal }), { handle, kind: 'release', json });
  const lines = terminal.text().split('\n');
  if (json) {
    const events = lines.map((line) => JSON.parse(line) as { type: string; text?: string });
    const told = events.findIndex(({ type }) => type === 'waiting');
    expect(events[told]).toMatchObject({ kind: 'worker', text: expect.stringMatching(/does not answer\n.*Ctrl-C/) });
    expect(events[told + 1]).toMatchObject({ type: 'phase', phase: 'releasing' });
    return;
  }
  const told = lines.indexOf('no answer: Temporal does not answer');
  expect(lines.slice(told + 1, told + 4)).toEqual([
    '  the release goes on where it stands once a worker answers; Ctrl-C only ends the display',
    '  → is it running?',
    'answered again: the release goes on',
  ]);
});

test('one that waits, that nobody answers for, or that is left on Ctrl-C, is named', async () => {
  const interrupt = () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    return controller.signal;
  };
  const queued = { kind: 'queued' as const, text: 'another runs', command: 'belay status', since: '' };
  const waits = await followed(status({ phase: 'planning', waiting: [queued] }), never, { interrupted: interrupt() });
  expect(waits.out).toMatch(/^release release\/shop\/1\n(.*\n)*.*another runs/);
  const silent = await followed(new BelayError('temporal-unreachable', 'nobody answers'), never, {
    interrupted: interrupt(),
  });
  expect(silent.out).toMatch(/^release release\/shop\/1\n(.*\n)*.*nobody answers/);
  const left = await followed(planning, never, { interrupted: interrupt() });
  expect(left.out).toMatch(/^release release\/shop\/1/);
  expect(left.err).toContain('belay status --follow release/shop/1');
  const told = await followed(planning, never, { interrupted: interrupt(), json: true });
  expect(JSON.parse(told.out.split('\n').at(-1)!)).toMatchObject({
    type: 'detached',
    command: 'belay status --follow release/shop/1',
  });
});
