import type { BelayError } from '../../src/errors';
import type { Artifact } from '../../src/model/artifact';
import type { Project } from '../../src/project/project';
import type { Runtime, RuntimeInstance, Sources } from '../../src/runtimes/runtime';
import { waitFor } from '../../testbed/wait';
import { createdAt } from './created-instance';

/** The harness that a runtime's test file brings for the suite. */
export interface RuntimeHarness {
  runtime: Runtime;
  /** One of the same kind that nobody serves. */
  offline: Runtime;
  /** Unique in this run; the suite's instances and artifacts have it in their names. */
  platform: string;
  /** An artifact that can be released: its program says `up`, and ends by SIGTERM. */
  ref: string;
  /** A reference that exists nowhere. */
  unknownRef: string;
  /** A folder with a spec of these services, each with the variable GREETING=hello, and all else that the runtime reads. */
  project(services: string[]): Project;
  freePort(): Promise<number>;
  /** The command of a job that says `up` and ends with the code; without one it runs on. */
  job(code?: number): string[];
  /** Another of the same kind and home, as the process of a new worker has it. */
  another(): Promise<Runtime>;
  /** Returns once the instance would heed a signal. */
  settled(name: string): Promise<void>;
  close(): Promise<void>;
}

const services = Array.from({ length: 26 }, (_, index) => `s${index + 1}`);
const stop = { grace: 5_000 };
const never = () => new AbortController().signal;

/** Programs for the inside of an instance, of runtimes that run some there. */
export interface Inside {
  /** It ends with the code, after a line on each of its two outputs. */
  says(line: string, error: string, code: number): string[];
  /** It says nothing and runs on. */
  silent: string[];
}

/** The behaviour that every runtime shares; templates come from its own sources. */
export function runtimeContract(kind: string, open: () => Promise<RuntimeHarness>, inside?: Inside): void {
  describe(`${kind}, as every runtime`, () => {
    let h: RuntimeHarness;
    let sources: Sources;
    let artifact: Artifact;
    let count = 0;

    beforeAll(async () => {
      h = await open();
      sources = await h.runtime.sources.open({ project: h.project(services) });
      ({ artifact } = await h.runtime.artifacts.pin({ ref: h.ref }));
    });
    afterAll(() => h?.close());

    const unique = () => services[count++]!;
    const nameOf = (service: string) => `${h.platform}-${service}`;
    const only = async (service: string): Promise<RuntimeInstance> => {
      const found = await h.runtime.observe({ platform: h.platform, service });
      expect(found).toHaveLength(1);
      return found[0]!;
    };
    const keyOf = (service: string, revision = 2) => ({ platform: h.platform, service, revision });

    interface Asked {
      port?: number;
      fingerprint?: string;
      name?: string;
      number?: number;
    }
    /** As a release does it: the artifact is kept, and the template resolved from the sources. */
    const created = async (service: string, { port, fingerprint = 'f2', number = 1, ...more }: Asked = {}) => {
      const name = more.name ?? nameOf(service);
      const identity = { ...keyOf(service), instance: number, fingerprint, release: `release/${h.platform}/1` };
      await h.runtime.artifacts.fetch({ artifact, keep: keyOf(service) });
      const asked = { identity: { ...identity, instance: 0 }, artifact, stop, routed: false };
      const { create: template, resources } = await sources.template(service, asked);
      await h.runtime.ensure({ create: template, resources });
      const ports: Record<string, number> = port === undefined ? {} : { 8080: port };
      await h.runtime.create({ name, template, instance: { identity, ports } });
      return name;
    };
    const jobOf = async (service: string, command: string[], { fingerprint = 'f2', runtime = h.runtime } = {}) => {
      const name = `${nameOf(service)}-r2-job-expand`;
      const identity = { ...keyOf(service), instance: 1, fingerprint, release: `release/${h.platform}/1` };
      await h.runtime.artifacts.fetch({ artifact, keep: keyOf(service) });
      const asked = { identity: { ...identity, instance: 0 }, artifact, stop, routed: false };
      const { create: template, resources } = await sources.template(service, asked);
      await runtime.ensure({ create: template, resources });
      await runtime.create({ name, template, instance: { identity, ports: {}, job: { name: 'expand', command } } });
      return name;
    };
    const onlyJob = async (service: string, runtime = h.runtime): Promise<RuntimeInstance> => {
      const found = await runtime.observe({ platform: h.platform, service, jobs: true });
      expect(found).toHaveLength(1);
      return found[0]!;
    };
    const launched = async (port?: number) => {
      const service = unique();
      const name = await created(service, { port });
      await h.runtime.start(name);
      await h.settled(name);
      return { service, name };
    };

    test('shows a created instance with its identity and the port it will have', async () => {
      const service = unique();
      const port = await h.freePort();
      await created(service, { port });
      expect(await only(service)).toMatchObject({
        name: nameOf(service),
        number: 1,
        ...createdAt(port),
      });
      expect((await only(service)).exitCode).toBeUndefined();
      expect(await h.runtime.publishedPorts()).toContain(port);
    });

    test('shows only instances of the service asked for, in the order of their names', async () => {
      const service = unique();
      const [a, b] = [`${nameOf(service)}.a`, `${nameOf(service)}.b`];
      await created(service, { name: b, number: 2 });
      await created(service, { name: a });
      const namesOf = async (name?: string) =>
        (await h.runtime.observe({ platform: h.platform, service, name })).map((one) => one.name);
      expect(await namesOf()).toEqual([a, b]);
      expect(await namesOf(b)).toEqual([b]);
      expect(await namesOf(nameOf(service))).toEqual([]);
      expect(await namesOf(a.replace('.', '-'))).toEqual([]);
      expect(await h.runtime.observe({ platform: h.platform, service: 'other' })).toEqual([]);
      expect(await h.runtime.observe({ platform: `${h.platform}x`, service })).toEqual([]);
    });

    test('adopts an instance of the same name and identity, and refuses another by name', async () => {
      const service = unique();
      await created(service);
      await created(service);
      await only(service);
      await expect(created(service, { fingerprint: 'f3' })).rejects.toMatchObject({
        code: 'launch-failed',
        message: expect.stringContaining(nameOf(service)),
      });
      expect((await only(service)).fingerprint).toBe('f2');
    });

    test('starts an instance, and leaves one alone that runs', async () => {
      const port = await h.freePort();
      const { service, name } = await launched(port);
      const first = await only(service);
      expect(first).toMatchObject({ state: 'running', ports: { '8080': port } });
      expect(first.exitCode).toBeUndefined();
      await h.runtime.start(name);
      expect((await only(service)).startedAt).toBe(first.startedAt);
      expect(await h.runtime.publishedPorts()).toContain(port);
    });

    test('fails to launch where the port is taken, and can once it is free', async () => {
      const port = await h.freePort();
      const { name: holder } = await launched(port);
      const service = unique();
      const name = await created(service, { port });
      await expect(h.runtime.start(name)).rejects.toMatchObject({
        code: 'launch-failed',
        message: expect.stringContaining('already'),
      });
      await h.runtime.remove(holder);
      await h.runtime.start(name);
      expect((await only(service)).state).toBe('running');
    });

    test('does not start an instance that is gone', async () => {
      await expect(h.runtime.start(nameOf('gone'))).rejects.toMatchObject({ code: 'instance-lost' });
    });

    test('ends an instance by a signal, for good', async () => {
      const { service, name } = await launched();
      await h.runtime.signal(name, 'SIGTERM');
      await h.settled(name);
      const ended = { state: 'exited', exitCode: expect.any(Number), restarts: 0 };
      expect(await only(service)).toMatchObject(ended);
      await h.runtime.signal(name, 'SIGTERM');
      expect(await only(service)).toMatchObject(ended);
      expect(await h.runtime.lastExit(name)).toEqual(expect.any(Number));
    });

    test('shows 137 after SIGKILL', async () => {
      const { service, name } = await launched();
      await h.runtime.signal(name, 'SIGKILL');
      await h.settled(name);
      expect(await only(service)).toMatchObject({ state: 'exited', exitCode: 137 });
    });

    test('tells at once when an instance has ended, and of one that does not run', async () => {
      const { service, name } = await launched();
      const ended = h.runtime.ended(name, never());
      await h.runtime.signal(name, 'SIGKILL');
      await ended;
      expect((await only(service)).state).toBe('exited');
      for (const other of [name, nameOf('gone')]) await h.runtime.ended(other, never());
    });

    test('waits for the end of an instance no longer than it is asked to', async () => {
      const { service, name } = await launched();
      const enough = new AbortController();
      const ended = h.runtime.ended(name, enough.signal);
      await only(service);
      enough.abort(new Error('enough'));
      await expect(ended).rejects.toThrow('enough');
      expect((await only(service)).state).toBe('running');
    });

    test('leaves alone what is gone', async () => {
      await h.runtime.signal(nameOf('gone'), 'SIGTERM');
      await h.runtime.remove(nameOf('gone'));
      expect(await h.runtime.logTail(nameOf('gone'), 5)).toBe('');
    });

    test('removes an instance that runs, also when asked twice at once', async () => {
      const { service, name } = await launched();
      await Promise.all([h.runtime.remove(name), h.runtime.remove(name)]);
      expect(await h.runtime.observe({ platform: h.platform, service })).toEqual([]);
    });

    test('shows the last lines of a log, and says which command shows all of it', async () => {
      const { name } = await launched();
      expect(await h.runtime.logTail(name, 1)).toBe('up');
      expect(h.runtime.logCommand(name)).toContain(name);
      const [command, ...args] = await h.runtime.logProgram(name, { lines: 3 });
      expect([command, args.join(' ')]).toEqual([
        expect.any(String),
        expect.stringMatching(new RegExp(`3.*${name}|${name}.*3`)),
      ]);
    });

    test('shows the log since the latest start alone', async () => {
      const { name } = await launched();
      expect(await h.runtime.logSinceStart(name, 5)).toBe('up');
      await h.runtime.signal(name, 'SIGTERM', { again: true });
      await h.runtime.ended(name, never());
      await h.runtime.start(name);
      await waitFor({ what: 'its line', until: async () => (await h.runtime.logSinceStart(name, 5)) === 'up' });
      expect(await h.runtime.logTail(name, 5)).toBe('up\nup');
      expect(await h.runtime.logSinceStart(nameOf('gone'), 5)).toBe('');
    });

    if (inside)
      describe('a program inside an instance', () => {
        const { says, silent } = inside;
        test('ends with its code and its last lines, of its standard error first', async () => {
          const { name } = await launched();
          const run = (argv: string[]) => h.runtime.run!(name, { argv, signal: never() });
          expect(await run(says('fine', '', 0))).toEqual({ code: 0, output: 'fine\n' });
          expect(await run(says('fine', '', 3))).toEqual({ code: 3, output: 'fine\n' });
          const failed = await run(says('fine', 'no schema', 3));
          expect({ ...failed, output: failed.output.trim() }).toEqual({ code: 3, output: 'no schema' });
        });

        test('ends with the signal, and needs a running instance', async () => {
          const { service, name } = await launched();
          const enough = new AbortController();
          const running = h.runtime.run!(name, { argv: silent, signal: enough.signal });
          await only(service);
          enough.abort(new Error('enough'));
          await expect(running).rejects.toThrow('enough');
          const gone = h.runtime.run!(nameOf('gone'), { argv: silent, signal: never() });
          await expect(gone).rejects.toMatchObject({ code: 'instance-lost' });
          await h.runtime.signal(name, 'SIGKILL');
          await h.runtime.ended(name, never());
          const ended = h.runtime.run!(name, { argv: silent, signal: never() });
          await expect(ended).rejects.toMatchObject({ code: 'instance-lost' });
        });

        test('is no HEALTHCHECK, whose output is empty where there is none', async () => {
          const { name } = await launched();
          expect(await h.runtime.healthOutput!(name)).toBe('');
          expect(await h.runtime.healthOutput!(nameOf('gone'))).toBe('');
        });
      });

    test('lists every instance of Belay’s', async () => {
      const service = unique();
      await created(service);
      const found = (await h.runtime.labelled()).filter(({ platform }) => platform === h.platform);
      expect(found).toContainEqual({ name: nameOf(service), ...keyOf(service), running: false });
    });

    test.each([0, 3])('runs a job once, which ends with %p', async (code) => {
      const service = unique();
      const name = await jobOf(service, h.job(code));
      const expected = { name, job: 'expand', number: 1, revision: 2, fingerprint: 'f2', ports: {}, published: [] };
      expect(await onlyJob(service)).toMatchObject({ ...expected, state: 'created' });
      expect((await onlyJob(service)).exitCode).toBeUndefined();
      await h.runtime.start(name);
      await h.runtime.ended(name, never());
      const ended = await onlyJob(service);
      expect(ended).toMatchObject({ ...expected, state: 'exited', exitCode: code, restarts: 0 });
      expect(Date.parse(ended.startedAt)).toBeGreaterThan(0);
      expect(await h.runtime.logTail(name, 5)).toBe('up');
      expect(await h.runtime.lastExit(name)).toBe(code);
      await h.runtime.signal(name, 'SIGTERM');
      await h.runtime.remove(name);
      expect(await h.runtime.observe({ platform: h.platform, service, jobs: true })).toEqual([]);
    });

    test('finds a job that still runs, in another process too, and does not run it again', async () => {
      const service = unique();
      const name = await jobOf(service, h.job());
      await h.runtime.start(name);
      const first = await onlyJob(service);
      expect(first.state).toBe('running');
      const other = await h.another();
      await jobOf(service, h.job(), { runtime: other });
      await other.start(name);
      expect(await onlyJob(service, other)).toEqual(first);
      await expect(jobOf(service, h.job(), { fingerprint: 'f3' })).rejects.toMatchObject({
        code: 'launch-failed',
        message: expect.stringContaining(name),
      });
      const ended = other.ended(name, never());
      await other.signal(name, 'SIGKILL');
      await ended;
      expect(await onlyJob(service)).toMatchObject({ state: 'exited', exitCode: 137, startedAt: first.startedAt });
      await h.runtime.remove(name);
    });

    test('removes a job that runs, and keeps jobs apart from instances', async () => {
      const { service, name: instance } = await launched();
      const name = await jobOf(service, h.job());
      await h.runtime.start(name);
      expect((await only(service)).name).toBe(instance);
      expect((await onlyJob(service)).name).toBe(name);
      const found = (await h.runtime.labelled()).filter((one) => one.service === service);
      expect(found.map((one) => one.name)).toEqual([instance]);
      await Promise.all([h.runtime.remove(name), h.runtime.remove(name)]);
      expect(await h.runtime.observe({ platform: h.platform, service, jobs: true })).toEqual([]);
      expect((await only(service)).state).toBe('running');
    });

    test('reads the same of a service each time, and another identity for another artifact', async () => {
      const service = unique();
      expect(sources.facts(service)).toMatchObject({ environment: { GREETING: 'hello' }, writable: [], problems: [] });
      const told = async (digest: string) =>
        JSON.stringify(await sources.told(service, { digest, ports: [8080], routes: [], stop }));
      expect(await told('sha256:1')).toBe(await told('sha256:1'));
      expect(await told('sha256:1')).not.toBe(await told('sha256:2'));
    });

    test('a template keeps what masking and a later revision need', async () => {
      const service = unique();
      const identity = { ...keyOf(service), instance: 0, fingerprint: 'f2', release: 'r' };
      await h.runtime.artifacts.fetch({ artifact, keep: keyOf(service) });
      const { create } = await sources.template(service, { identity, artifact, stop, routed: false });
      const kept = JSON.parse(JSON.stringify(create)) as object;
      expect(h.runtime.read(kept).environment).toMatchObject({ GREETING: 'hello' });
      await h.runtime.artifacts.carry({ artifact, from: keyOf(service), to: keyOf(service, 3) });
      const template = h.runtime.sources.again(kept, keyOf(service, 3));
      const own = { ...identity, revision: 3, instance: 1 };
      await h.runtime.create({ name: nameOf(service), template, instance: { identity: own, ports: {} } });
      expect(await only(service)).toMatchObject({ revision: 3, state: 'created' });
    });

    test('does not know an artifact that is nowhere', async () => {
      // A registry that cannot be asked does not know it either.
      const code = expect.stringMatching(/^(image-unknown|registry-unreachable)$/);
      await expect(h.runtime.artifacts.pin({ ref: h.unknownRef })).rejects.toMatchObject({ code });
    });

    test('keeps an artifact for revisions, and drops it for each', async () => {
      const service = unique();
      const { artifacts } = h.runtime;
      for (const revision of [2, 1, 1]) await artifacts.fetch({ artifact, keep: keyOf(service, revision) });
      const { platform } = h;
      const kept = await artifacts.kept({ platform, service });
      expect(kept).toEqual(
        [1, 2].map((revision) => ({ tag: expect.any(String), revision, bytes: expect.any(Number) })),
      );
      expect(await artifacts.all()).toContainEqual(
        expect.objectContaining({ platform, revision: 1, tag: kept[0]!.tag }),
      );
      expect(await artifacts.where(artifact, keyOf(service, 1))).toBe('here');
      expect(await artifacts.madeAt(keyOf(service, 1))).toBeLessThanOrEqual(Date.now());
      for (const { tag } of [...kept, ...kept]) await artifacts.drop(tag);
      expect(await artifacts.kept({ platform, service })).toEqual([]);
      expect(await artifacts.madeAt(keyOf(service, 1))).toBeUndefined();
    });

    test('fetches nothing after an abort', async () => {
      const service = unique();
      const signal = AbortSignal.abort(new Error('enough'));
      const request = { artifact, keep: keyOf(service), signal };
      await expect(h.runtime.artifacts.fetch(request)).rejects.toThrow('enough');
      expect(await h.runtime.artifacts.kept({ platform: h.platform, service })).toEqual([]);
    });

    test('names itself without blanks, the same each time', async () => {
      const id = await h.runtime.identity();
      expect(id).toMatch(/^\S+$/);
      expect(await h.runtime.identity()).toBe(id);
    });

    test('says so in every verb when nobody answers', async () => {
      const { offline } = h;
      const identity = { ...keyOf('s'), instance: 1, fingerprint: 'f', release: 'r' };
      const verbs: Array<() => Promise<unknown>> = [
        () => offline.observe({ platform: 'p', service: 's' }),
        () => offline.observe({ platform: 'p', service: 's', jobs: true }),
        () => offline.create({ name: 'n', template: {}, instance: { identity, ports: {} } }),
        () => offline.start('n'),
        () => offline.signal('n', 'SIGTERM'),
        () => offline.remove('n'),
        () => offline.ended('n', never()),
        () => offline.logTail('n', 1),
        () => offline.logSinceStart('n', 1),
        () => offline.identity(),
        () => offline.labelled(),
        () => offline.publishedPorts(),
        () => offline.networkOf('n'),
        () => offline.artifacts.pin({ ref: 'a:1' }),
        () => offline.artifacts.fetch({ artifact, keep: keyOf('s') }),
        () => offline.artifacts.carry({ artifact, from: keyOf('s'), to: keyOf('s', 3) }),
        () => offline.artifacts.where(artifact),
        () => offline.artifacts.kept({ platform: 'p', service: 's' }),
        () => offline.artifacts.all(),
        () => offline.artifacts.drop('belay/p/s:r1'),
      ];
      const codes = await Promise.all(verbs.map((verb) => verb().catch((error) => (error as BelayError).code)));
      expect(codes).toEqual(verbs.map(() => 'engine-unreachable'));
    });
  });
}
