import type { BelayError } from '../../src/errors';
import type { CreateOptions } from '../../src/runtimes/docker/create-options';
import { type Engine, labels, type RuntimeInstance } from '../../src/runtimes/runtime';

/** The harness that a runtime's test file brings for the suite. */
export interface RuntimeHarness {
  runtime: Engine;
  /** An engine of the same kind that does not answer. */
  offline: Engine;
  /** Unique in this run; the suite's instances and tags have it in their names. */
  platform: string;
  /** A reference that exists only on this engine; the image has `node`. */
  image: string;
  /** A reference that exists nowhere. */
  unknownImage: string;
  freePort(): Promise<number>;
  /** Returns once the instance would heed a signal. */
  settled(name: string): Promise<void>;
  close(): Promise<void>;
}

const program = "process.on('SIGTERM', () => process.exit(7)); setInterval(() => {}, 1000); console.error('up')";
const endless = { signal: 'SIGTERM', code: expect.any(Number) };

/** The behaviour that every runtime shares. */
export function runtimeContract(kind: string, open: () => Promise<RuntimeHarness>): void {
  describe(`${kind}, as every runtime`, () => {
    let h: RuntimeHarness;
    let count = 0;

    beforeAll(async () => {
      h = await open();
    });
    afterAll(() => h?.close());

    const options = (service: string, more: OptionsOf = {}) => optionsOf(h, service, more);
    const unique = () => `s${++count}`;
    const nameOf = (service: string) => `${h.platform}-${service}`;
    const only = async (service: string): Promise<RuntimeInstance> => {
      const found = await h.runtime.observe({ platform: h.platform, service });
      expect(found).toHaveLength(1);
      return found[0]!;
    };
    const launched = async (port?: number) => {
      const service = unique();
      const name = nameOf(service);
      await h.runtime.create({ name, template: options(service, { port }) });
      await h.runtime.start(name);
      await h.settled(name);
      return { service, name };
    };

    test('shows a created instance by its labels and the port it will have', async () => {
      const service = unique();
      const port = await h.freePort();
      await h.runtime.create({ name: nameOf(service), template: options(service, { port }) });
      expect(await only(service)).toMatchObject({
        name: nameOf(service),
        revision: 2,
        fingerprint: 'f2',
        state: 'created',
        restarts: 0,
        health: 'none',
        ports: { '8080': port },
        published: [port],
        stopSignal: 'SIGTERM',
      });
      expect((await only(service)).exitCode).toBeUndefined();
      expect(await h.runtime.publishedPorts()).toContain(port);
    });

    test('shows only instances of the service asked for, in the order of their names', async () => {
      const service = unique();
      const [a, b] = [`${nameOf(service)}.a`, `${nameOf(service)}.b`];
      for (const name of [b, a]) await h.runtime.create({ name, template: options(service) });
      const namesOf = async (name?: string) =>
        (await h.runtime.observe({ platform: h.platform, service, name })).map((one) => one.name);
      expect(await namesOf()).toEqual([a, b]);
      expect(await namesOf(b)).toEqual([b]);
      expect(await namesOf(nameOf(service))).toEqual([]);
      expect(await namesOf(a.replace('.', '-'))).toEqual([]);
      expect(await h.runtime.observe({ platform: h.platform, service: 'other' })).toEqual([]);
      expect(await h.runtime.observe({ platform: `${h.platform}x`, service })).toEqual([]);
    });

    test('adopts an instance of the same name and labels', async () => {
      const service = unique();
      await h.runtime.create({ name: nameOf(service), template: options(service) });
      await h.runtime.create({ name: nameOf(service), template: options(service) });
      await only(service);
    });

    test('refuses a name that another instance has, and says which', async () => {
      const service = unique();
      await h.runtime.create({ name: nameOf(service), template: options(service) });
      const again = h.runtime.create({ name: nameOf(service), template: options(service, { fingerprint: 'f3' }) });
      await expect(again).rejects.toMatchObject({
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
      expect(await h.runtime.publishers(port)).toMatchObject([
        { name, platform: h.platform, addresses: ['127.0.0.1'] },
      ]);
    });

    test('fails to launch where the port is taken, and can once it is free', async () => {
      const port = await h.freePort();
      const { name: holder } = await launched(port);
      const service = unique();
      await h.runtime.create({ name: nameOf(service), template: options(service, { port }) });
      await expect(h.runtime.start(nameOf(service))).rejects.toMatchObject({
        code: 'launch-failed',
        message: expect.stringContaining('already'),
      });
      await h.runtime.remove(holder);
      await h.runtime.start(nameOf(service));
      expect((await only(service)).state).toBe('running');
    });

    test('fails to launch without the image', async () => {
      const service = unique();
      const request = { name: nameOf(service), template: { ...options(service), Image: h.unknownImage } };
      await expect(h.runtime.create(request)).rejects.toMatchObject({ code: 'launch-failed' });
    });

    test('does not start an instance that is gone', async () => {
      await expect(h.runtime.start(nameOf('gone'))).rejects.toMatchObject({ code: 'instance-lost' });
    });

    test('ends an instance by a signal, for good', async () => {
      const { service, name } = await launched();
      await h.runtime.signal(name, endless.signal);
      await h.settled(name);
      expect(await only(service)).toMatchObject({ state: 'exited', exitCode: endless.code, restarts: 0 });
      await h.runtime.signal(name, endless.signal);
      expect(await only(service)).toMatchObject({ state: 'exited' });
    });

    test('shows 137 after SIGKILL', async () => {
      const { service, name } = await launched();
      await h.runtime.signal(name, 'SIGKILL');
      await h.settled(name);
      expect(await only(service)).toMatchObject({ state: 'exited', exitCode: 137 });
    });

    test('tells at once when an instance has ended, and of one that does not run', async () => {
      const { service, name } = await launched();
      const ended = h.runtime.ended(name, new AbortController().signal);
      await h.runtime.signal(name, 'SIGKILL');
      await ended;
      expect((await only(service)).state).toBe('exited');
      for (const other of [name, nameOf('gone')]) await h.runtime.ended(other, new AbortController().signal);
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

    test('shows the last lines of a log', async () => {
      const { name } = await launched();
      expect(await h.runtime.logTail(name, 1)).toBe('up');
    });

    test('creates from a snapshot the same instance again', async () => {
      const port = await h.freePort();
      const { service, name } = await launched(port);
      const before = await only(service);
      const snapshot = JSON.parse(JSON.stringify(await h.runtime.snapshot(name))) as CreateOptions;
      await h.runtime.remove(name);
      await h.runtime.create({ name, template: snapshot });
      await h.runtime.create({ name, template: snapshot });
      await h.runtime.start(name);
      const { startedAt: _, ...same } = before;
      expect(await only(service)).toMatchObject(same);
    });

    test('tells the environment that an instance was given', async () => {
      const service = unique();
      const Env = ['PLAIN=1', 'EQUALS=a=b', 'EMPTY='];
      await h.runtime.create({ name: nameOf(service), template: { ...options(service), Env } });
      const own = (await h.runtime.variables(nameOf(service))).filter(({ inherited }) => !inherited);
      expect(own.map(({ name, value }) => [name, value])).toEqual([
        ['PLAIN', '1'],
        ['EQUALS', 'a=b'],
        ['EMPTY', ''],
      ]);
    });

    test('pins an image that exists only here by its id, and keeps a digest that is written', async () => {
      expect(await h.runtime.pin(h.image)).toEqual({
        ref: h.image,
        digest: expect.stringMatching(/^sha256:/),
        local: true,
      });
      const digest = `sha256:${'a'.repeat(64)}`;
      const ref = `registry.invalid/shop/api@${digest}`;
      expect(await h.runtime.pin(ref)).toEqual({ ref, digest, local: false });
    });

    test('tags an image that is here, and takes the tag away', async () => {
      const prefix = `belay/${h.platform}/tags:`;
      const image = await h.runtime.pin(h.image);
      for (const revision of ['r2', 'r1', 'r1']) await h.runtime.fetch({ image, tag: prefix + revision });
      expect(await h.runtime.tags(prefix)).toEqual([`${prefix}r1`, `${prefix}r2`]);
      for (const revision of ['r1', 'r2', 'r2']) await h.runtime.untag(prefix + revision);
      expect(await h.runtime.tags(prefix)).toEqual([]);
      expect(await h.runtime.pin(h.image)).toEqual(image);
    });

    test('tells the size of what is tagged, and what taking a tag away has freed', async () => {
      const prefix = `belay/${h.platform}/sizes:`;
      const image = await h.runtime.pin(h.image);
      await h.runtime.fetch({ image, tag: `${prefix}r1` });
      expect(await h.runtime.images(prefix)).toEqual([{ tag: `${prefix}r1`, bytes: expect.any(Number) }]);
      expect((await h.runtime.images(prefix))[0]!.bytes).toBeGreaterThan(0);
      // The image has its own name still.
      expect(await h.runtime.untag(`${prefix}r1`)).toBe(0);
      expect(await h.runtime.untag(`${prefix}r1`)).toBe(0);
    });

    test('tells whether an image is here, and how it can be had again', async () => {
      const image = await h.runtime.pin(h.image);
      expect(await h.runtime.has(image)).toBe(true);
      expect(await h.runtime.madeAt(h.image)).toBeLessThan(Date.now());
      expect(await h.runtime.madeAt(h.unknownImage)).toBeUndefined();
      expect(await h.runtime.has({ ...image, digest: `sha256:${'b'.repeat(64)}` })).toBe(false);
      expect(await h.runtime.pinned(image.digest)).toMatchObject({ digest: image.digest, local: true });
      await expect(h.runtime.offered(image)).rejects.toMatchObject({ code: 'image-unknown' });
    });

    test('names an image as the container was told, whatever else it is called', async () => {
      const service = unique();
      const name = nameOf(service);
      await h.runtime.create({ name, template: options(service) });
      const image = await h.runtime.pin(h.image);
      // Comes first in the order of names.
      const other = `aaa/${h.platform}:1`;
      await h.runtime.fetch({ image, tag: other });
      expect(await h.runtime.pinned(image.digest, name)).toMatchObject({ ref: h.image, digest: image.digest });
      await h.runtime.untag(other);
    });

    test('lists every container with Belay’s labels', async () => {
      const service = unique();
      await h.runtime.create({ name: nameOf(service), template: options(service) });
      const found = (await h.runtime.labelled()).filter(({ platform }) => platform === h.platform);
      expect(found).toContainEqual({
        name: nameOf(service),
        platform: h.platform,
        service,
        revision: 2,
        running: false,
      });
    });

    test('does not know a local image that is gone', async () => {
      const image = { ref: h.image, digest: `sha256:${'b'.repeat(64)}`, local: true };
      const request = h.runtime.fetch({ image, tag: `belay/${h.platform}/gone:r1` });
      await expect(request).rejects.toMatchObject({ code: 'image-unknown' });
    });

    test('an image that is fetched without a tag gets none', async () => {
      const image = await h.runtime.pin(h.image);
      await h.runtime.fetch({ image });
      expect(await h.runtime.tags(`belay/${h.platform}/`)).toEqual([]);
      const missing = { ...image, digest: `sha256:${'b'.repeat(64)}` };
      await expect(h.runtime.fetch({ image: missing })).rejects.toMatchObject({ code: 'image-unknown' });
    });

    test('fetches nothing after an abort', async () => {
      const image = await h.runtime.pin(h.image);
      const signal = AbortSignal.abort(new Error('enough'));
      await expect(h.runtime.fetch({ image, tag: `belay/${h.platform}/no:r1`, signal })).rejects.toThrow('enough');
    });

    test('creates networks and volumes that are missing, and wants external ones to be there', async () => {
      const [network, volume] = [`${h.platform}_net`, `${h.platform}_data`];
      const own = { networks: [{ Name: network }], volumes: [{ Name: volume }] };
      const nothing = { networks: [], volumes: [] };
      const wanted = { ...nothing, external: { networks: [network], volumes: [volume] } };
      const message = [
        `the external network ${network} does not exist`,
        `the external volume ${volume} does not exist`,
      ];
      const missing = { code: 'preflight-failed', message: message.join('\n') };
      await expect(h.runtime.ensure(wanted)).rejects.toMatchObject(missing);
      await expect(h.runtime.assertGiven(wanted)).rejects.toMatchObject(missing);
      for (let time = 0; time < 2; time++) await h.runtime.ensure({ ...own, external: nothing });
      await h.runtime.ensure(wanted);
      await h.runtime.assertGiven(wanted);
    });

    test('names its engine, the same each time', async () => {
      const id = await h.runtime.identity();
      expect(id).not.toBe('');
      expect(await h.runtime.identity()).toBe(id);
    });

    test('says so in every verb when nobody answers', async () => {
      const { offline } = h;
      const image = { ref: 'a:1', digest: `sha256:${'c'.repeat(64)}`, local: true };
      const verbs: Array<() => Promise<unknown>> = [
        () => offline.observe({ platform: 'p', service: 's' }),
        () => offline.fetch({ image, tag: 'belay/p/s:r1' }),
        () => offline.create({ name: 'n', template: { Image: 'a:1' } }),
        () => offline.start('n'),
        () => offline.signal('n', 'SIGTERM'),
        () => offline.remove('n'),
        () => offline.identity(),
        () => offline.ended('n', new AbortController().signal),
        () => offline.logTail('n', 1),
        () => offline.snapshot('n'),
        () => offline.variables('n'),
        () => offline.pin('a:1'),
        () => offline.listening('n'),
        () => offline.networkOf('n'),
        () => offline.publishedPorts(),
        () => offline.tags('belay/'),
        () => offline.images('belay/'),
        () => offline.labelled(),
        () => offline.has({ ref: 'api', digest: `sha256:${'b'.repeat(64)}`, local: true }),
        () => offline.pinned(`sha256:${'b'.repeat(64)}`),
        () => offline.untag('belay/p/s:r1'),
        () => offline.ensure({ networks: [{ Name: 'n' }], volumes: [], external: { networks: [], volumes: [] } }),
      ];
      const codes = await Promise.all(verbs.map((verb) => verb().catch((error) => (error as BelayError).code)));
      expect(codes).toEqual(verbs.map(() => 'engine-unreachable'));
    });
  });
}

interface OptionsOf {
  revision?: number;
  fingerprint?: string;
  port?: number;
}

function optionsOf(
  { image, platform }: RuntimeHarness,
  service: string,
  { revision = 2, fingerprint = 'f2', port }: OptionsOf,
): CreateOptions {
  return {
    Image: image,
    Cmd: ['node', '-e', program],
    Labels: {
      [labels.platform]: platform,
      [labels.service]: service,
      [labels.revision]: String(revision),
      [labels.instance]: '1',
      [labels.fingerprint]: fingerprint,
      [labels.release]: `release/${platform}/1`,
    },
    ...(port && { ExposedPorts: { '8080/tcp': {} } }),
    HostConfig: {
      RestartPolicy: { Name: 'unless-stopped' },
      ...(port && { PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] } }),
    },
  };
}
