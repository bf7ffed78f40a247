import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createActivities, type StepInput } from '../../activities';
import { createEffects } from '../../src/hosts/effects';
import { createLedger } from '../../src/hosts/ledger';
import type { Plan, Step } from '../../src/model/plan';
import { waitFor } from '../../testbed/wait';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';

const name = 'shop-api-r1-job-expand';
const secret = 'hunter2-and-more';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-jobs-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** A release whose job is due, on a host in memory whose files are real. */
async function host(job = '') {
  const folder = join(home, 'specs');
  mkdirSync(folder);
  const runtime = fakeRuntime();
  runtime.addImage('shop/api:1', `sha256:${'1'.repeat(64)}`);
  writeFileSync(
    join(folder, 'belay.yaml'),
    `platform: shop
services:
  api:
    image: "shop/api:1"
    env: { PASSWORD: "\${PW}" }
    jobs: [{ name: expand, command: [migrate, up], undo: [migrate, down], pending: [migrate, status]${job} }]
`,
  );
  writeFileSync(join(folder, '.env'), `PW=${secret}\n`);
  const dying: { at?: string } = {};
  const effects = createEffects({
    home,
    hooks: {
      after: (id) => {
        if (id !== dying.at) return;
        dying.at = undefined;
        throw new Error('the worker dies');
      },
    },
  });
  const deps = fakeDeps({ home, specs: [folder], runtime, effects });
  const activities = createActivities(deps);
  const plan = activities.plan as unknown as (input: unknown) => Promise<Plan>;
  const made = await runActivity(plan, { platform: 'shop' });
  const perform = (step: Step, retried = 0, info = {}) => {
    const { platform, engine, proxies, source, format } = made;
    const input: StepInput = {
      format,
      step,
      round: 1 + retried,
      retried,
      platform,
      engine,
      proxies,
      by: '',
      reason: '',
      source,
    };
    const activity = activities[step.kind as 'job'] as unknown as (input: StepInput) => Promise<{ note?: string }>;
    return runActivity(activity, input, info);
  };
  for (const kind of ['claim', 'pull', 'configure'])
    for (const step of made.steps.filter((one) => one.kind === kind)) await perform(step);
  const of = (steps: Step[]) => steps.filter((step) => step.kind === 'job');
  const claimed = made.undo.find((step) => step.kind === 'claim')!;
  const runs = async () => (await createLedger({ home }).of({ platform: 'shop', service: 'api' }).revision(1))?.jobs;
  const log = join(home, 'logs', `${name}.log`);
  const [jobs, undos] = [of(made.steps), of(made.undo)];
  return { runtime, dying, perform, ask: jobs[0]!, job: jobs.at(-1)!, undo: undos.at(-1)!, claimed, runs, log };
}

test('runs to its end: its log is kept, its end is noted, and nothing of it stays', async () => {
  const { runtime, perform, job, runs, log } = await host();
  expect((await perform(job)).note).toMatch(/^exit 0 after \d+\.\d s$/);
  expect(runtime.jobs).toEqual([`${name}: migrate up`]);
  expect(runtime.names()).toEqual([]);
  expect(readFileSync(log, 'utf8')).toContain('up');
  expect(await runs()).toMatchObject([{ instance: name, job: 'expand', exitCode: 0, endedAt: expect.any(String) }]);
  await perform(job);
  expect(runtime.jobs).toHaveLength(1);
});

test('an instance of it has no port, no name and no health of the service', async () => {
  const { runtime, perform, job } = await host();
  runtime.onJob(() => undefined);
  const running = perform(job);
  await waitFor({ what: 'its start', until: () => runtime.jobs.length === 1 });
  const template = (await runtime.snapshot(name)) as { HostConfig: object; Healthcheck: object; Labels: object };
  expect(template.HostConfig).toMatchObject({ PortBindings: {}, RestartPolicy: { Name: 'no' } });
  expect(template.Healthcheck).toEqual({ Test: ['NONE'] });
  expect(template.Labels).toMatchObject({ 'belay.job': 'expand', 'belay.revision': '1' });
  expect(await runtime.observe({ platform: 'shop', service: 'api' })).toEqual([]);
  runtime.exit(name, 0);
  await running;
});

describe('one that fails', () => {
  test('says its code and its last lines, masked, and is not tried again by itself', async () => {
    const { runtime, perform, job } = await host();
    runtime.onJob(() => undefined);
    const failing = perform(job);
    await waitFor({ what: 'its start', until: () => runtime.jobs.length === 1 });
    runtime.setLog(name, `connecting with ${secret}\nrelation "orders" is locked\n`);
    runtime.exit(name, 3);
    const error = await failing.catch((one: unknown) => one);
    expect(error).toMatchObject({
      code: 'job-failed',
      hint: `the whole log: logs/${name}.log in BELAY_HOME on the host`,
    });
    const { message } = error as Error;
    expect(message).toMatch(
      /^job expand of api failed: exit 3 after \S+ s; its last lines: connecting with \*\*\*\nrelation/,
    );
    await expect(perform(job)).rejects.toMatchObject({ code: 'job-failed', message });
    expect(runtime.jobs).toHaveLength(1);
  });

  test('runs again if a person has it tried again', async () => {
    const { runtime, perform, job, runs } = await host();
    runtime.onJob(() => (runtime.jobs.length === 1 ? 1 : 0));
    await expect(perform(job)).rejects.toMatchObject({ code: 'job-failed' });
    expect((await perform(job, 1)).note).toMatch(/^exit 0/);
    expect(await runs()).toMatchObject([{ retried: 1, exitCode: 0 }]);
  });
});

describe('after its worker died', () => {
  const places = ['job.create', 'job.begin', 'job.start', 'job.record', 'job.remove'];
  test.each(places)('past %s, it has run once', async (at) => {
    const { runtime, dying, perform, job } = await host();
    dying.at = at;
    await expect(perform(job)).rejects.toThrow('the worker dies');
    expect((await perform(job)).note).toMatch(/^exit 0/);
    expect(runtime.jobs).toHaveLength(1);
    expect(runtime.names()).toEqual([]);
  });

  test('in the middle of a stop after its time, an exit with 0 is no success', async () => {
    const { runtime, dying, perform, job } = await host(', timeout: 50ms');
    runtime.onJob(() => undefined);
    dying.at = 'retire.signal';
    await expect(perform(job)).rejects.toThrow('the worker dies');
    await expect(perform(job)).rejects.toMatchObject({
      code: 'job-failed',
      message: expect.stringContaining('did not end within 0.05 s, and was stopped (exit 0)'),
    });
  });

  test('while it runs, the same run goes on', async () => {
    const { runtime, dying, perform, job } = await host();
    runtime.onJob(() => undefined);
    dying.at = 'job.start';
    await expect(perform(job)).rejects.toThrow('the worker dies');
    const again = perform(job);
    runtime.exit(name, 0);
    expect((await again).note).toMatch(/^exit 0/);
    expect(runtime.jobs).toHaveLength(1);
  });

  test('and it was removed by somebody meanwhile, nobody guesses how it ended', async () => {
    const { runtime, dying, perform, job } = await host();
    runtime.onJob(() => undefined);
    dying.at = 'job.start';
    await expect(perform(job)).rejects.toThrow('the worker dies');
    await runtime.remove(name);
    await expect(perform(job)).rejects.toMatchObject({
      code: 'job-failed',
      message: `${name} was removed before its end was noted: job expand may have done its work or not`,
    });
    expect(runtime.jobs).toHaveLength(1);
  });
});

describe('a run that asks if anything is pending', () => {
  test('says that nothing is', async () => {
    const { runtime, perform, ask } = await host();
    expect(await perform(ask)).toEqual({ note: 'nothing is pending', idle: true });
    expect(runtime.jobs).toEqual([`${name}.pending: migrate status`]);
  });

  test('says that something is: that is no failure, and is not asked again', async () => {
    const { runtime, perform, ask } = await host();
    runtime.onJob(() => 1);
    expect((await perform(ask)).note).toMatch(/^pending: exit 1 /);
    expect(await perform(ask)).not.toHaveProperty('idle');
    expect(runtime.jobs).toHaveLength(1);
  });
});

test('waits for a run of another revision, and removes what has ended', async () => {
  const { runtime, perform, job } = await host();
  runtime.onJob((command) => (command === 'old' ? undefined : 0));
  const identity = { platform: 'shop', service: 'api', revision: 0, instance: 1, fingerprint: 'f', release: 'w' };
  const request = { identity, ports: {}, job: { name: 'expand', command: ['old'] } };
  const template = { Image: 'shop/api:1' };
  await runtime.create({ name: 'former', template, instance: request });
  await runtime.start('former');
  const running = perform(job);
  await waitFor({ what: 'a look at the former one', until: () => runtime.calls.length > 0 });
  expect(runtime.jobs).toEqual(['former: old']);
  runtime.exit('former', 0);
  await running;
  expect(runtime.jobs).toEqual(['former: old', `${name}: migrate up`]);
  expect(runtime.names()).toEqual([]);
});

describe('on the way back', () => {
  test('what had not begun is not taken back', async () => {
    const { runtime, perform, claimed, undo } = await host();
    await perform(claimed);
    expect((await perform(undo)).note).toBe('it had not begun');
    expect(runtime.jobs).toEqual([]);
  });

  test('what has failed is not taken back: no undo fits a part', async () => {
    const { runtime, perform, job, claimed, undo } = await host();
    runtime.onJob(() => 1);
    await expect(perform(job)).rejects.toMatchObject({ code: 'job-failed' });
    await perform(claimed);
    expect((await perform(undo)).note).toMatch(/^not taken back: exit 1 /);
    expect(runtime.jobs).toHaveLength(1);
  });

  test('what never started is not taken back', async () => {
    const { runtime, perform, job, claimed, undo } = await host();
    runtime.failNext('start', new Error('executable file not found'));
    await expect(perform(job)).rejects.toThrow('executable file not found');
    await perform(claimed);
    await perform(undo);
    expect(runtime.jobs).toEqual([]);
    expect(runtime.names()).toEqual([]);
  });

  test('what has run is taken back, once', async () => {
    const { runtime, perform, job, claimed, undo } = await host();
    await perform(job);
    await perform(claimed);
    await perform(undo);
    await perform(undo);
    expect(runtime.jobs).toEqual([`${name}: migrate up`, `${name}.undo: migrate down`]);
  });

  test('what still runs is stopped, and no undo fits what it has left', async () => {
    const { runtime, dying, perform, job, claimed, undo, runs } = await host();
    runtime.onJob((command) => (command === 'migrate up' ? undefined : 0));
    dying.at = 'job.start';
    await expect(perform(job)).rejects.toThrow('the worker dies');
    await perform(claimed);
    expect((await perform(undo)).note).toMatch(/^not taken back: exit 0 /);
    expect(runtime.calls.filter((call) => call.startsWith('signal'))).toEqual([`signal ${name} SIGTERM`]);
    expect(await runs()).toMatchObject([{ job: 'expand', stopped: 'rollback' }]);
    expect(runtime.jobs).toHaveLength(1);
    expect(runtime.names()).toEqual([]);
    expect(existsSync(join(home, 'drains', `${name}.stop.json`))).toBe(false);
  });
});
