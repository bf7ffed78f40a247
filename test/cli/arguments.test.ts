import { untilOver } from '../../src/cli/commands/rollback';
import { confirmDrop } from '../../src/cli/confirm';
import { runningCheck } from '../../src/cli/doctor/running';
import { formatError, formatUsageError } from '../../src/cli/format-error';
import { objectionTo, wayOn } from '../../src/cli/message';
import { collectCounts, collectPairs, collectVariables, parsePort, parseTo } from '../../src/cli/pairs';
import { releaseRequest } from '../../src/cli/release-options';
import { temporalArguments, workerEnvironment } from '../../src/cli/serve/arguments';
import { detachedArguments } from '../../src/cli/serve/detached';
import { linkTo } from '../../src/cli/web-ui';
import { BelayError } from '../../src/errors';
import { belay, fakeContext, fakeTerminal, plain, samplePlan, status } from './support';

describe('--version and --instances', () => {
  test('may be given many times', () => {
    expect(collectPairs('web=sha256:ab=', collectPairs('api=2.5.0'))).toEqual({ api: '2.5.0', web: 'sha256:ab=' });
    expect(collectCounts('web=2', collectCounts('api=3'))).toEqual({ api: 3, web: 2 });
  });

  test.each(['api', '=2', 'api=', ''])('refuse "%s" and say what to write', (text) => {
    expect(() => collectPairs(text)).toThrow('Write service=value, such as api=2.5.0.');
  });

  test.each(['api=0', 'api=-1', 'api=1.5', 'api=two', 'api=007x'])('take no number such as %s', (text) => {
    expect(() => collectCounts(text)).toThrow('Write service=number, such as api=3.');
  });

  test('refuse the same service twice', () => {
    expect(() => collectPairs('api=1', { api: '2' })).toThrow('api is given twice.');
    expect(() => collectCounts('api=1', { api: 2 })).toThrow('api is given twice.');
  });
});

describe('--set', () => {
  test('may be given many times, with whatever value', () => {
    expect(collectVariables('EMPTY=', collectVariables('TAG=a=b'))).toEqual({ TAG: 'a=b', EMPTY: '' });
  });

  test('refuses what has no name, and the same name twice', () => {
    for (const text of ['TAG', '=2', '']) expect(() => collectVariables(text)).toThrow('Write NAME=value');
    expect(() => collectVariables('TAG=1', { TAG: '2' })).toThrow('TAG is given twice.');
  });

  test('refuses a secret, and does not repeat it', () => {
    expect(() => collectVariables('DB_PASSWORD=hunter22')).toThrow(
      /^set: DB_PASSWORD: looks like a secret(?!.*hunter22)/,
    );
  });
});

test('--to takes a revision, revisions by service, or a release', () => {
  expect(parseTo('4')).toBe(4);
  expect(parseTo('api=4,web=0')).toEqual({ api: 4, web: 0 });
  expect(parseTo('release/shop/20260101T1')).toBe('release/shop/20260101T1');
  for (const text of ['', 'api', 'api=', 'api=x', '4,5', '-1']) expect(() => parseTo(text)).toThrow('Write a revision');
});

test('a drop goes on only when the platform’s name was typed, and says before that traffic ends', async () => {
  const removal = { instances: [], proxies: [], images: [], configurations: [], logs: [], leftovers: [] };
  const plan = samplePlan({ removals: [{ ...removal, platform: 'shop', service: 'api', servers: ['edge/api/s1'] }] });
  const asked: string[] = [];
  const terminal = (answer: string) => ({
    ...fakeTerminal(),
    async ask(text: string) {
      asked.push(text);
      return answer;
    },
  });
  await confirmDrop(terminal('shop'), plan);
  expect(asked.join()).toContain('Traffic to it ends (1 server of its proxies goes into maintenance).');
  for (const answer of ['', 'y', 'shops'])
    await expect(confirmDrop(terminal(answer), plan)).rejects.toMatchObject({ code: 'input-invalid' });
});

test.each([['drop'], ['drop', '--json']])(
  '%s %s is refused where nobody can be asked, before anything else',
  async (...argv) => {
    const { code, err } = await belay([...argv, '-p', 'shop']);
    expect(code).toBe(2);
    expect(err).toContain('  → look with --dry-run, then give --yes');
  },
);

test('drop says that there is no project before it asks for --yes', async () => {
  const { code, err } = await belay(['drop']);
  expect({ code, err }).toMatchObject({ code: 2, err: expect.stringContaining('there is no belay.yaml here') });
});

test.each(['0', '65536', 'x', '80x', ''])('%s is no port', (text) =>
  expect(() => parsePort(text)).toThrow('Write a port'),
);

test('a release is asked for by one object, as everywhere', async () => {
  const options = {
    platform: 'shop',
    version: { api: '2' },
    instances: { api: 3 },
    service: ['api'],
    takeOver: true,
    reason: 'cart',
    set: { TAG: '2' },
  };
  expect(await releaseRequest(fakeContext({ env: { USER: 'ana', BELAY_HOME: '/nowhere' } }), options)).toEqual({
    platform: 'shop',
    versions: { api: '2' },
    instances: { api: 3 },
    services: ['api'],
    take_over: true,
    set: { TAG: '2' },
    by: 'ana',
    reason: 'cart',
  });
});

test('the link into the Web UI holds ids with slashes', () => {
  expect(linkTo({ base: 'http://ui/', namespace: 'default', workflowId: 'release/shop/1' })).toBe(
    'http://ui/namespaces/default/workflows/release%2Fshop%2F1',
  );
});

test('the embedded Temporal listens on loopback only, keeps its history and polls fast', () => {
  const args = temporalArguments({ database: '/d/temporal.db', port: 1, uiPort: 2 });
  expect(args.slice(0, 14)).toEqual([
    'server',
    'start-dev',
    '--ip',
    '127.0.0.1',
    '--log-level',
    'warn',
    '--db-filename',
    '/d/temporal.db',
    '--sqlite-pragma',
    'journal_mode=WAL',
    '--port',
    '1',
    '--ui-port',
    '2',
  ]);
  expect(args).toContain('BelayServices=KeywordList');
  expect(args).toContain('history.timerProcessorMaxPollHostRPS=4000');
  expect(args).toContain('history.timerProcessorMaxTimeShift="100ms"');
});

test('the worker of belay serve talks to that Temporal, whatever else the environment says', () => {
  const env = { PATH: '/bin', TEMPORAL_ADDRESS: 'other:7233', TEMPORAL_API_KEY: 'x', TEMPORAL_NAMESPACE: 'n' };
  expect(workerEnvironment(env, { address: '127.0.0.1:1', specs: '/shop' })).toEqual({
    PATH: '/bin',
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    TEMPORAL_NAMESPACE: 'default',
    BELAY_SPECS: '/shop',
  });
  expect(detachedArguments({ port: 1, uiPort: 2 }, '/log').slice(1)).toEqual([
    'serve',
    '--port',
    '1',
    '--ui-port',
    '2',
    '--log',
    '/log',
  ]);
});

describe('an error', () => {
  test('is one line and what to do', () => {
    expect(formatError(new BelayError('input-invalid', 'no', { hint: 'yes' }), plain)).toBe('belay: no\n  → yes');
  });

  test('of a spec is printed one problem a line', () => {
    const error = new BelayError('spec-invalid', 'belay.yaml:1:1 a\nbelay.yaml:2:1 b', { hint: 'correct belay.yaml' });
    expect(formatError(error, plain)).toBe(
      'belay: the spec is wrong (2 problems)\n  belay.yaml:1:1 a\n  belay.yaml:2:1 b\n  → correct belay.yaml',
    );
  });

  test('of usage has a guess where there is one', () => {
    expect(formatUsageError("error: unknown command 'relase'\n(Did you mean release?)\n", plain)).toBe(
      "belay: unknown command 'relase'\n  → did you mean release?",
    );
    expect(formatUsageError("error: unknown option '--x'\n", plain)).toBe(
      "belay: unknown option '--x'\n  → belay --help",
    );
  });
});

describe('what a signal came to', () => {
  const heard = (by = 'ana') => ({ message: 'pause', by, reason: '', at: '' });
  const refused = (why: string, by?: string) => ({
    ...heard(by),
    message: `pause (without effect: ${why})`,
    refused: why,
  });

  test('is an objection that the release put down', () => {
    const list = [heard(), refused('it is paused already')];
    expect(objectionTo({ heard: list }, 'pause', { by: 'ana' })).toBe('it is paused already');
  });

  test('is none when it took effect, or when somebody else was refused', () => {
    for (const last of [heard(), refused('x', 'ben')])
      expect(objectionTo({ heard: [refused('x'), heard(), last] }, 'pause', { by: 'ana' })).toBeUndefined();
  });
});

describe('what to do about a release that is in the way', () => {
  const id = 'release/shop/1';
  const waiting = [
    {
      kind: 'held' as const,
      step: 'api/undo/swap',
      text: 'api/undo/swap failed: no proxy',
      command: 'belay retry --step api/undo/swap',
      otherwise: 'belay skip --step api/undo/swap',
      since: '',
    },
  ];
  const ways = `belay retry --step api/undo/swap ${id}, or belay skip --step api/undo/swap ${id}`;
  const back = status({ phase: 'rolling-back', waiting });

  test('is to turn it back, or to wait, as long as it goes forward', () => {
    expect(untilOver(id, status())).toBe(`wait for its end, or roll it back first: belay rollback ${id}`);
    expect(untilOver(id)).toBe(`wait for its end, or roll it back first: belay rollback ${id}`);
  });

  test('is to approve or reject where it waits for that', () => {
    const gate = { kind: 'approval' as const, step: 'api/approve', text: 'go on?', since: '' };
    const approval = { ...gate, command: 'belay approve', otherwise: 'belay reject' };
    expect(untilOver(id, status({ waiting: [approval] }))).toMatch(
      /^it waits for approval: belay approve .*release\/shop\/1, or belay reject .*; or roll it back: belay rollback release\/shop\/1$/,
    );
  });

  test('is to wait where it cannot be turned back', () => {
    expect(untilOver(id, status({ phase: 'rolling-back' }))).toBe(`wait for its end: belay status --follow ${id}`);
    expect(untilOver(id, status({ kind: 'rollback' }))).toBe(`wait for its end: belay status --follow ${id}`);
  });

  test('is to retry or skip where it is held on its way back', () => {
    expect(untilOver(id, back)).toBe(`take it to its end first: ${ways}`);
    expect(wayOn(back, id)).toBe(ways);
    expect(wayOn(status(), id)).toBe(`belay status ${id}`);
  });

  test('is told by doctor with what it waits for', () => {
    const plan = samplePlan();
    expect(runningCheck(id, { ...back, plan })).toMatchObject({
      state: 'bad',
      text: `${id} has api, web now: rolling back, api/undo/swap failed: no proxy`,
      todo: [ways],
    });
    expect(runningCheck(id)).toMatchObject({ todo: [`belay status ${id}`] });
  });
});
