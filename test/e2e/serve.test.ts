import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runningServe, type ServeState } from '../../src/cli/serve/state';
import { beganAt } from '../../src/hosts/workers';
import { accepts, freePort, fromSetup, waitFor } from '../../testbed';
import type { Ended } from '../cli/support';

const dir = mkdtempSync(join(tmpdir(), 'belay-serve-'));
const other = mkdtempSync(join(tmpdir(), 'belay-other-'));
const env: NodeJS.ProcessEnv = { ...process.env, BELAY_HOME: join(dir, 'home'), NO_COLOR: '1' };
delete env.TEMPORAL_ADDRESS;
let ports: { port: number; uiPort: number };
let argv: string[];

/** The built command, as people run it. */
const belay = (...args: string[]): Promise<Ended> => belayIn(dir, ...args);

const belayIn = (cwd: string, ...args: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, [fromSetup('dist', 'src', 'cli', 'main.js'), ...args], { env, cwd }, (error, out, err) =>
      resolve({ code: Number(error?.code ?? 0), out, err }),
    );
  });

/** Processes whose parent is this one. */
const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);

const gone = (pids: number[]) =>
  waitFor({ what: `the end of ${pids}`, until: () => pids.every((pid) => beganAt(pid) === undefined) });

beforeAll(async () => {
  writeFileSync(join(dir, 'belay.yaml'), 'platform: served\nservices: { api: { image: "a:1" } }\n');
  writeFileSync(join(other, 'belay.yaml'), 'platform: blog\nservices: { api: { image: "a:1" } }\n');
  ports = { port: await freePort(), uiPort: await freePort() };
  argv = ['serve', '--port', `${ports.port}`, '--ui-port', `${ports.uiPort}`];
});

afterEach(async () => void (await belay('serve', '--stop')));
afterAll(() => {
  for (const folder of [dir, other]) rmSync(folder, { recursive: true });
});

test('in the background it is ready when the command returns, is found by others, and stops by its pid', async () => {
  const { code, out } = await belay(...argv, '--detach');
  expect(code).toBe(0);
  expect(out).toContain(`http://127.0.0.1:${ports.uiPort}`);
  const state = runningServe(env)!;
  expect(state).toMatchObject({ address: `127.0.0.1:${ports.port}`, specs: dir, readySince: expect.any(String) });
  expect((await belay('serve', '--status', '--json')).out).toContain(`"pid":${state.pid}`);

  const doctor = JSON.parse((await belay('doctor', '--json')).out) as {
    checks: Array<{ name: string; state: string }>;
  };
  expect(doctor.checks.filter(({ name }) => name === 'worker').map((one) => one.state)).toEqual(['ok', 'ok', 'ok']);
  const plan = await belay('plan', '--service', 'nothing');
  expect(plan).toMatchObject({ code: 2, err: expect.stringContaining('there is no service nothing') });

  expect(await belay(...argv, '--detach')).toMatchObject({ code: 0, out });
  const again = `belay serve --stop && belay serve --detach --port ${ports.port} --ui-port ${ports.uiPort} ${dir} ${other}`;
  const second = await belayIn(other, ...argv, '--detach');
  expect(second).toMatchObject({ code: 2, err: expect.stringContaining(`to serve ${other} too: ${again}\n`) });
  expect(await belayIn(other, 'plan')).toMatchObject({
    code: 2,
    err: `belay: no platform "blog" in ${dir}; there are: served\n  → ${again}\n`,
  });
  const elsewhere = JSON.parse((await belayIn(other, 'doctor', '--json')).out) as { checks: unknown[] };
  expect(elsewhere.checks).toContainEqual({
    name: 'worker',
    state: 'bad',
    text: expect.stringMatching(/^process \d+, for .*: does not know platform blog$/),
    todo: [again],
  });

  const children = childrenOf(state.pid);
  expect(children).toHaveLength(2);
  expect(await belay('serve', '--stop')).toMatchObject({ code: 0, out: `stopped process ${state.pid}\n` });
  expect([state.pid, ...children].map(beganAt)).toEqual([undefined, undefined, undefined]);
  expect(await accepts(ports.port)).toBe(false);
  expect(await belay('serve', '--status')).toMatchObject({ code: 6 });
  expect(await belay('serve', '--stop')).toMatchObject({ code: 0, out: 'none runs\n' });
});

test('a child that crashes is started again, and nothing outlives a killed parent', async () => {
  await belay(...argv, '--detach');
  const { pid, log } = runningServe(env)!;
  const before = childrenOf(pid);
  for (const child of before) process.kill(child, 'SIGKILL');
  await gone(before);
  const others = () => childrenOf(pid).filter((child) => !before.includes(child));
  await waitFor({ what: 'new children', until: () => others().length === 2 });
  await waitFor({ what: 'a Temporal that answers', until: () => accepts(ports.port) });
  expect(readFileSync(log!, 'utf8')).toMatch(/ended with SIGKILL; started again in 0\.2 s/);
  expect(statSync(log!).mode & 0o777).toBe(0o600);

  const after = childrenOf(pid);
  process.kill(pid, 'SIGKILL');
  await gone([pid, ...after]);
  expect(runningServe(env)).toBeUndefined();
});

test('in the foreground Ctrl-C stops both, and the history stays', async () => {
  const child = spawn(process.execPath, [fromSetup('dist', 'src', 'cli', 'main.js'), ...argv], { env, cwd: dir });
  const exit = once(child, 'exit');
  await waitFor({ what: 'readiness', within: 60_000, until: () => runningServe(env)?.readySince !== undefined });
  const children = childrenOf(child.pid!);
  child.kill('SIGINT');
  expect(await exit).toEqual([0, null]);
  expect(children.map(beganAt)).toEqual([undefined, undefined]);
  expect(existsSync(join(dir, 'home', 'serve', 'temporal.db'))).toBe(true);
});

test('ports in use are told before anything starts', async () => {
  const taken = spawn(process.execPath, [
    '-e',
    `require('net').createServer().listen(${ports.uiPort}, '127.0.0.1', () => console.log('on'))`,
  ]);
  await once(taken.stdout, 'data');
  const { code, err } = await belay(...argv);
  taken.kill();
  expect(code).toBe(2);
  expect(err).toContain(`port ${ports.uiPort} is in use\n  → choose others with --port and --ui-port`);
});

test('a Temporal that cannot start is told with its own words', async () => {
  const broken = join(dir, 'temporal');
  writeFileSync(broken, '#!/bin/sh\necho "no room" >&2; exit 3\n', { mode: 0o755 });
  const { code, err } = await new Promise<Ended>((resolve) => {
    const own = { ...env, BELAY_TEMPORAL: broken };
    execFile(
      process.execPath,
      [fromSetup('dist', 'src', 'cli', 'main.js'), ...argv, '--detach'],
      { env: own, cwd: dir },
      (error, out, err) => resolve({ code: Number(error?.code ?? 0), out, err }),
    );
  });
  expect(code).toBe(6);
  expect(err).toContain('Temporal did not get ready: it ended with exit code 3; it said: no room');
});

test('a pid that another process has taken since is nobody of ours', () => {
  const folder = join(dir, 'other', 'serve');
  mkdirSync(folder, { recursive: true });
  const state: ServeState = { format: 1, pid: process.pid, began: '1', address: 'a', ui: 'u', specs: 's' };
  writeFileSync(join(folder, 'state.json'), JSON.stringify(state));
  expect(runningServe({ BELAY_HOME: join(dir, 'other') })).toBeUndefined();
  writeFileSync(join(folder, 'state.json'), JSON.stringify({ ...state, began: beganAt(process.pid) }));
  expect(runningServe({ BELAY_HOME: join(dir, 'other') })).toMatchObject({ pid: process.pid });
});
