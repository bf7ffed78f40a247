import type { BelayError } from '../../src/errors';
import type { CreateOptions } from '../../src/runtimes/docker/create-options';
import type { Engine } from '../../src/runtimes/docker/engine';
import { labels, type RuntimeInstance } from '../../src/runtimes/runtime';
import { createdAt } from './created-instance';

/** The harness that an engine's test file brings for the suite. */
export interface EngineHarness {
  runtime: Engine;
  /** One of the same kind whose engine nobody serves. */
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

/** The behaviour that Docker and the engine in memory share, beside that of every runtime. */
export function engineContract(kind: string, open: () => Promise<EngineHarness>): void {
  describe(`${kind}, as every engine`, () => {
    let h: EngineHarness;
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
        ...createdAt(port),
      });
      expect((await only(service)).exitCode).toBeUndefined();
      expect(await h.runtime.publishedPorts()).toContain(port);
    });

    test('tells which container publishes a port of the host', async () => {
      const port = await h.freePort();
      const { name } = await launched(port);
      expect(await h.runtime.publishers(port)).toMatchObject([
        { name, platform: h.platform, addresses: ['127.0.0.1'] },
      ]);
    });

    test('fails to launch without the image', async () => {
      const service = unique();
      const request = { name: nameOf(service), template: { ...options(service), Image: h.unknownImage } };
      await expect(h.runtime.create(request)).rejects.toMatchObject({ code: 'launch-failed' });
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
        () => offline.logSinceStart('n', 1),
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
  { image, platform }: EngineHarness,
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
