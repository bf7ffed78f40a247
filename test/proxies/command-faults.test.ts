import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { examineCommands } from '../../src/cli/doctor/proxies/command';
import { commandAdapter } from '../../src/proxies/command/adapter';
import { parseSpec } from '../../src/spec/parse';
import { type CommandSpec, withFolders } from '../../src/spec/proxies';
import { traefikExample } from '../../testbed/traefik';
import { waitFor } from '../../testbed/wait';
import { oneAtATime } from './one-at-a-time';

/** Commands of shell lines, over a file of members: what a balancer may answer, right and wrong. */

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belay-commands-'));
  answer({ members: [] });
});
afterEach(() => rmSync(folder, { recursive: true }));

const sh = (line: string): string[] => ['sh', '-c', line];
const answer = (said: unknown): void => writeFileSync(join(folder, 'answer'), JSON.stringify(said));
const written = (name: string): string => readFileSync(join(folder, name), 'utf8');
const one = (state: string, more: object = {}) => ({ member: 's1', address: '127.0.0.1:20001', state, ...more });

function specOf(over: Partial<CommandSpec> = {}): CommandSpec {
  const moved = (state: string) => sh(`sed -i 's/"state":"[a-z]*"/"state":"${state}"/' answer; echo ${state} >> ran`);
  return {
    kind: 'command',
    admit: moved('ready'),
    drain: moved('drain'),
    remove: sh(`echo '{"members":[]}' > answer`),
    observe: ['cat', 'answer'],
    timeout: 5_000,
    counts: false,
    folder,
    ...over,
  };
}

const lock = oneAtATime();
const open = (over: Partial<CommandSpec> = {}) =>
  commandAdapter(specOf(over), { home: folder, lock }).open({ platform: 'shop', name: 'mine' });
const s1 = { backend: 'api', server: 's1' };

test('a command learns backend, member and address from its environment, and runs in the folder', async () => {
  answer({ members: [one('ready')] });
  const drain = sh(`echo "$BELAY_BACKEND $BELAY_MEMBER $BELAY_ADDRESS $PWD" > told; echo '{"members":[]}' > answer`);
  await open({ drain }).drain(s1);
  expect(written('told')).toBe(`api s1 127.0.0.1:20001 ${folder}\n`);
});

test('a command runs only where its state is not there yet', async () => {
  answer({ members: [one('drain')] });
  const proxy = open();
  for (const verb of ['admit', 'admit', 'drain', 'drain'] as const) await proxy[verb](s1);
  await proxy.stage(s1, '127.0.0.1:20001');
  expect(written('ran')).toBe('ready\ndrain\n');
});

test('a member in maintenance counts as gone, and a key that Belay does not know is left alone', async () => {
  const other = { member: 's2', address: '127.0.0.1:20002', state: 'ready', weight: 3, in_flight: 7 };
  answer({ members: [one('maint'), other], of: 'api' });
  const shown = { server: 's2', address: '127.0.0.1:20002', state: 'ready', check: 'none' };
  expect(await open().observe('api')).toEqual([shown]);
  expect(
    await open({ counts: true })
      .observe('api')
      .catch(({ message }) => message),
  ).toContain('members[0].in_flight');
  answer({ members: [other] });
  expect(await open({ counts: true }).observe('api')).toEqual([{ ...shown, inFlight: 7 }]);
});

test.each([
  ['no JSON', 'not { json', /^proxy mine: the answer of observe \(cat\) for api is no JSON: .+not/],
  ['a list', '[]', 'is wrong: Invalid input: expected object, received array'],
  ['no members', '{}', 'is wrong at members: Invalid input: expected array, received undefined'],
  [
    'a state of its own',
    JSON.stringify({ members: [one('ready'), { ...one('up'), member: 's2' }] }),
    'is wrong at members[1].state: Invalid option: expected one of "ready"|"drain"|"maint"',
  ],
  [
    'an address without a port',
    JSON.stringify({ members: [{ ...one('ready'), address: 'web' }] }),
    'is wrong at members[0].address: expected host:port, such as 127.0.0.1:20001',
  ],
  [
    'a member twice',
    JSON.stringify({ members: [one('ready'), one('drain')] }),
    'is wrong at members[1].member: s1 is there twice',
  ],
])('a wrong answer of observe is refused with its place: %s', async (_, said, message) => {
  writeFileSync(join(folder, 'answer'), said);
  await expect(open().observe('api')).rejects.toMatchObject({
    code: 'proxy-refused',
    message:
      typeof message === 'string'
        ? `proxy mine: the answer of observe (cat) for api ${message}`
        : expect.stringMatching(message),
    hint: expect.stringContaining('expected is {"members": [{"member": "s1"'),
  });
});

test('a failure is told by its exit code and the last lines of its standard error, without its arguments', async () => {
  answer({ members: [one('ready')] });
  const drain = sh('for n in 1 2 3 4 5 6 7; do echo "line $n" >&2; done; exit 3 # s3cret');
  await expect(open({ drain }).drain(s1)).rejects.toMatchObject({
    code: 'proxy-refused',
    message: 'proxy mine: drain (sh) of api/s1 ended with exit code 3: line 3\nline 4\nline 5\nline 6\nline 7',
    hint: expect.stringContaining(folder),
  });
});

test('exit code 75 says that the balancer does not answer now', async () => {
  await expect(open({ observe: sh('echo "no route" >&2; exit 75') }).observe('api')).rejects.toMatchObject({
    code: 'proxy-unreachable',
    message: 'proxy mine: observe (sh) of api ended with exit code 75: no route',
  });
});

test('at the deadline a command is killed with all of its children, and has no effect later', async () => {
  answer({ members: [one('ready')] });
  const drain = sh('sleep 60 & echo $! > child; echo waiting >&2; wait; echo late > late');
  await expect(open({ drain, timeout: 1_000 }).drain(s1)).rejects.toMatchObject({
    code: 'proxy-unreachable',
    message: 'proxy mine: drain (sh) of api/s1 gave no answer within 1 s, and was killed: waiting',
  });
  const child = Number(written('child'));
  await waitFor({ what: 'the end of its child', until: () => !existsSync(`/proc/${child}`) || isZombie(child) });
  expect(existsSync(join(folder, 'late'))).toBe(false);
});

/** Its parent is gone, and this machine may have nobody who reaps it. */
const isZombie = (pid: number): boolean => / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

test('a change that observe never shows is refused, with what it shows', async () => {
  answer({ members: [one('ready')] });
  await expect(open({ drain: ['true'], timeout: 500 }).drain(s1)).rejects.toMatchObject({
    code: 'proxy-refused',
    message: 'proxy mine: drain of api/s1 has ended well, and observe shows it as ready at 127.0.0.1:20001 after 0.5 s',
  });
});

test('one command at a time changes a balancer', async () => {
  answer({ members: [one('ready'), { ...one('ready'), member: 's2' }] });
  const drain = sh("mkdir busy || exit 1; sleep 0.3; rmdir busy; sed -i 's/ready/drain/g' answer");
  const proxy = open({ drain });
  await Promise.all([proxy.drain(s1), proxy.drain({ ...s1, server: 's2' })]);
  expect((await proxy.observe('api')).map(({ state }) => state)).toEqual(['drain', 'drain']);
});

describe('a command that cannot be started is named by each look', () => {
  test.each([
    ['a path', ['./lb', 'admit'], './lb is not there'],
    ['a bare name', ['no-such-lb'], 'no-such-lb is not on the PATH of this process'],
    ['a folder', ['/tmp'], '/tmp is not a file'],
  ])('%s', async (_, admit, fault) => {
    await expect(open({ admit }).observe('api')).rejects.toMatchObject({
      code: 'proxy-refused',
      message: `proxy mine: admit cannot be started: ${fault}`,
      hint: expect.stringContaining(folder),
    });
  });

  test('a file that is no program', async () => {
    writeFileSync(join(folder, 'lb'), '#!/bin/sh\n');
    chmodSync(join(folder, 'lb'), 0o644);
    await expect(open({ remove: ['./lb'] }).observe('api')).rejects.toMatchObject({
      message: 'proxy mine: remove cannot be started: ./lb may not be run by this user: chmod +x makes it a program',
    });
  });

  test('a folder that is gone', async () => {
    await expect(open({ folder: join(folder, 'gone') }).observe('api')).rejects.toMatchObject({
      message: `proxy mine: ${folder}/gone, the folder of its commands, is not there`,
    });
  });
});

test('the example is a right spec', () => {
  const file = join(traefikExample, 'belay.yaml');
  expect(parseSpec({ text: readFileSync(file, 'utf8'), file })).toMatchObject({ spec: { platform: 'shop' } });
});

test('the folder is that of the platform, unless the spec names one', () => {
  const { folder: _folder, ...bare } = specOf();
  expect(withFolders('/srv/shop', { bare, own: { ...bare, folder: '/opt/lb' }, none: { kind: 'none' } })).toEqual({
    bare: { ...bare, folder: '/srv/shop' },
    own: { ...bare, folder: '/opt/lb' },
    none: { kind: 'none' },
  });
});

test('who looks at the same members has the same balancer', () => {
  const placeOf = (over: Partial<CommandSpec>) => commandAdapter(specOf(over), { home: folder, lock }).place;
  expect(placeOf({ timeout: 1, admit: ['other'], counts: true })).toBe(placeOf({}));
  expect(placeOf({ folder: '/elsewhere' })).not.toBe(placeOf({}));
  const observe = ['/usr/local/bin/lb', 'observe'];
  expect(placeOf({ observe, folder: '/elsewhere' })).toBe(placeOf({ observe }));
});

describe('belay doctor', () => {
  const examine = async (over: Partial<CommandSpec> = {}) =>
    (await examineCommands({ name: 'mine', spec: specOf(over), backends: ['api'] })).map(({ state, text }) => [
      state,
      text,
    ]);

  test('asks observe for the backend of each route', async () => {
    expect(await examine()).toEqual([['ok', 'observe answers for api: no members']]);
    answer({ members: [one('ready')] });
    expect(await examine()).toEqual([['ok', 'observe answers for api: s1 at 127.0.0.1:20001 ready']]);
    expect(await examine({ admit: ['./lb'] })).toEqual([
      ['bad', 'proxy mine: admit cannot be started: ./lb is not there'],
    ]);
    expect(existsSync(join(folder, 'ran'))).toBe(false);
  });

  test('says that a count is there which no drain uses', async () => {
    answer({ members: [one('ready', { in_flight: 0 })] });
    expect((await examine()).map(([state]) => state)).toEqual(['ok', 'warn']);
    expect((await examine({ counts: true })).map(([state]) => state)).toEqual(['ok']);
  });
});
