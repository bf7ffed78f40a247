import { type Follow, follow } from '../../src/cli/follow';
import type { ReleaseHandle } from '../../src/client';
import { BelayError } from '../../src/errors';
import type { ReleaseResult, ReleaseStatus } from '../../src/model/status';
import { status } from './support';

type Answer = ReleaseStatus | BelayError;

const away = new BelayError('temporal-unreachable', 'nobody answers');
const released: ReleaseResult = { outcome: 'released', platform: 'shop', revisions: {} };

/** Answers one status after the other; the end comes when the last has been asked for. */
function release(answers: Answer[], end: () => Promise<ReleaseResult> = async () => released) {
  let asked = () => {};
  const last = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const left = [...answers];
  return {
    workflowId: 'release/shop/1',
    async status() {
      const next = left.length > 1 ? left.shift()! : left[0]!;
      if (left.length === 1) asked();
      if (next instanceof BelayError) throw next;
      return next;
    },
    result: () => last.then(end),
  } as ReleaseHandle;
}

function watched(handle: ReleaseHandle, fields: Partial<Follow> = {}) {
  const seen: string[] = [];
  const watcher = {
    status: ({ phase }: ReleaseStatus) => void seen.push(phase),
    away: () => void seen.push('away'),
    back: () => void seen.push('back'),
  };
  return { seen, end: follow({ handle, watcher, interrupted: new AbortController().signal, every: 1, ...fields }) };
}

test('shows every state to the last, and gives the result', async () => {
  const { seen, end } = watched(release([status({ phase: 'planning' }), status(), status({ phase: 'closed' })]));
  expect(await end).toEqual({ kind: 'ended', result: released });
  expect(seen.at(-1)).toBe('closed');
});

test('says once that nobody answers, and once that somebody does again', async () => {
  const { seen, end } = watched(release([status(), away, away, away, status(), status({ phase: 'closed' })]));
  await end;
  expect(seen.filter((one) => one === 'away')).toHaveLength(1);
  expect(seen.filter((one) => one === 'back')).toHaveLength(1);
  expect(seen.indexOf('back')).toBeGreaterThan(seen.indexOf('away'));
});

test('returns at a gate when asked to, and stays otherwise', async () => {
  const gate = status({ phase: 'held', waiting: [{ kind: 'held', text: '', command: '', since: '' }] });
  expect(await watched(release([status(), gate, status({ phase: 'closed' })]), { untilHeld: true }).end).toEqual({
    kind: 'held',
  });
  expect(await watched(release([status(), gate, status({ phase: 'closed' })])).end).toMatchObject({ kind: 'ended' });
});

test('returns when asked to where a host makes no plan, and stays where a step waits for its host', async () => {
  const waiting = [{ kind: 'unreachable' as const, text: '', command: '', since: '' }];
  const answers = [status(), status({ waiting }), status({ phase: 'planning', waiting }), status({ phase: 'closed' })];
  const { seen, end } = watched(release(answers), { untilHeld: true });
  expect(await end).toEqual({ kind: 'held' });
  expect(seen.at(-1)).toBe('planning');
});

test('leaves on Ctrl-C', async () => {
  const interrupt = new AbortController();
  const { end } = watched(
    release([status(), status()], () => new Promise(() => {})),
    { interrupted: interrupt.signal },
  );
  interrupt.abort();
  expect(await end).toEqual({ kind: 'detached' });
});

test('throws what kept the release from starting', async () => {
  const wrong = new BelayError('spec-invalid', 'belay.yaml:1:1 …');
  await expect(watched(release([status()], () => Promise.reject(wrong))).end).rejects.toBe(wrong);
});

test('survives a Temporal that is started anew', async () => {
  let times = 0;
  const lost = new BelayError('unexpected', 'lost', { cause: Object.assign(new Error('UNAVAILABLE'), { code: 14 }) });
  const end = async () => {
    times += 1;
    if (times === 1) throw lost;
    return released;
  };
  expect(await watched(release([status()], end)).end).toMatchObject({ kind: 'ended' });
});
