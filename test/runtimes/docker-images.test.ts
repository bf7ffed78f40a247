import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dockerRuntime } from '../../src/runtimes/docker';
import { docker as command } from '../../testbed/docker';
import { freePort } from '../../testbed/port';
import { type Registry, startRegistry } from '../../testbed/registry';
import { engineThat, openEngine, type TestEngine } from './engine';

/** A registry that answers as it is told. */
async function registryThat(answer: RequestListener, use: (address: string) => Promise<void>): Promise<void> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await use(`127.0.0.1:${port}`).finally(() => {
    server.closeAllConnections();
    server.close();
  });
}

describe('Docker’s images, with a registry', () => {
  let engine: TestEngine;
  const runtime = dockerRuntime();
  let registry: Registry;
  let ref: string;
  let digest: string;

  beforeAll(async () => {
    engine = await openEngine('images');
    registry = await startRegistry({ dir: engine.folder });
    ref = `${registry.address}/${engine.prefix}/api:1`;
    await command(['tag', engine.image, ref]);
    digest = (await command(['push', ref])).match(/digest: (sha256:\w+)/)![1]!;
    await forget();
  });
  afterAll(async () => {
    await engine?.close();
    await registry?.stop();
  });

  const repository = () => `${registry.address}/${engine.prefix}/api`;
  const forget = async () => {
    for (const name of [ref, `${repository()}@${digest}`])
      await command(['rmi', '--no-prune', name]).catch(() => undefined);
  };

  test('pins a tag by its digest there', async () => {
    expect(await runtime.pin(ref)).toEqual({ ref, digest, local: false });
  });

  test('two that ask for one image at the same time both have it, without a tag', async () => {
    const image = { ref, digest, local: false };
    await Promise.all([1, 2].map(() => runtime.fetch({ image })));
    expect(await runtime.has(image)).toBe(true);
    expect(await runtime.tags(`belay/${engine.prefix}/`)).toEqual([]);
    await forget();
  });

  test('pulls by digest and tags it, and takes both away', async () => {
    const tag = `belay/${engine.prefix}/api:r1`;
    for (let time = 0; time < 2; time++) await runtime.fetch({ image: { ref, digest, local: false }, tag });
    const image = await engine.docker.getImage(tag).inspect();
    expect(image.RepoDigests).toContain(`${repository()}@${digest}`);
    expect(image.RepoTags).not.toContain(ref);
    await runtime.untag(tag);
    expect(await runtime.tags(tag)).toEqual([]);
  });

  test('does not ask the registry for a digest that is here', async () => {
    await runtime.fetch({ image: { ref, digest, local: false }, tag: `belay/${engine.prefix}/api:r2` });
    const elsewhere = { ref: `${repository()}:moved`, digest, local: false };
    await runtime.fetch({ image: elsewhere, tag: `belay/${engine.prefix}/api:r3` });
    expect(await runtime.tags(`belay/${engine.prefix}/api:`)).toHaveLength(2);
  });

  test('knows what the registry offers by its digest, and pins by it what was pulled', async () => {
    const image = { ref, digest, local: false };
    await runtime.offered(image);
    const gone = { ...image, digest: `sha256:${'c'.repeat(64)}` };
    await expect(runtime.offered(gone)).rejects.toMatchObject({
      code: 'image-unknown',
      message: expect.stringContaining('does not have sha256:cccccccccccc any more'),
    });
    expect(await runtime.has(gone)).toBe(false);
    const tag = `belay/${engine.prefix}/pinned:r1`;
    await runtime.fetch({ image, tag });
    expect(await runtime.has(image)).toBe(true);
    const { Id } = await engine.docker.getImage(tag).inspect();
    expect(await runtime.pinned(Id)).toMatchObject({ digest, local: false });
  });

  test('keeps the image of an instance', async () => {
    const tag = `belay/${engine.prefix}/used:r1`;
    await runtime.fetch({ image: { ref, digest, local: false }, tag });
    await runtime.create({ name: `${engine.prefix}-user`, template: { Image: tag, Cmd: ['node'] } });
    await runtime.untag(tag);
    expect(await runtime.tags(tag)).toEqual([tag]);
  });

  test('takes an image that was built under a registry’s name and not pushed', async () => {
    const unpushed = `${repository()}-unpushed:dev`;
    await command(['tag', engine.image, unpushed]);
    expect(await runtime.pin(unpushed)).toMatchObject({ ref: unpushed, local: true });
  });

  test('does not know what is nowhere', async () => {
    await expect(runtime.pin(`${repository()}:none`)).rejects.toMatchObject({
      code: 'image-unknown',
      hint: expect.any(String),
    });
    const image = { ref, digest: `sha256:${'1'.repeat(64)}`, local: false };
    await expect(runtime.fetch({ image, tag: `belay/${engine.prefix}/no:r1` })).rejects.toMatchObject({
      code: 'image-unknown',
    });
    await expect(runtime.pin('Shop/API:1')).rejects.toMatchObject({ code: 'image-unknown' });
  });

  test('says so when the registry does not answer', async () => {
    const away = `127.0.0.1:${await freePort()}/shop/api`;
    await expect(runtime.pin(`${away}:1`)).rejects.toMatchObject({ code: 'registry-unreachable' });
    const image = { ref: `${away}:1`, digest, local: false };
    await expect(runtime.fetch({ image, tag: `belay/${engine.prefix}/no:r1` })).rejects.toMatchObject({
      code: 'registry-unreachable',
    });
  });

  test('has under its name what the registry has given, and what it has tagged itself', async () => {
    await command(['pull', '--quiet', ref]);
    expect(await runtime.underName(ref)).toEqual({ ref, digest, local: false });
    const tagged = `${registry.address}/${engine.prefix}/tagged:1`;
    await command(['tag', engine.image, tagged]);
    const { Id } = await engine.docker.getImage(tagged).inspect();
    expect(await runtime.underName(tagged)).toEqual({ ref: tagged, digest: Id, local: true });
    expect(await runtime.underName(`${repository()}:none`)).toBeUndefined();
  });

  test.each([
    [401, 'UNAUTHORIZED', 'registry-denied', /refuses it, asked (as|without credentials)/],
    [403, 'DENIED', 'registry-denied', /refuses it/],
    [404, 'MANIFEST_UNKNOWN', 'image-unknown', /does not have it/],
    [429, 'TOOMANYREQUESTS', 'registry-unreachable', /has had too many requests/],
    [500, 'UNKNOWN', 'registry-unreachable', /does not answer/],
  ])(
    'tells a registry that answers %i by what it means, for a look and for a pull',
    async (status, code, expected, words) => {
      const refuses: RequestListener = (_, response) => {
        response.writeHead(status, { 'content-type': 'application/json', 'www-authenticate': 'Basic realm="r"' });
        response.end(JSON.stringify({ errors: [{ code, message: code.toLowerCase() }] }));
      };
      await registryThat(refuses, async (address) => {
        const failure = { code: expected, message: expect.stringMatching(words) };
        await expect(runtime.pin(`${address}/shop/api:1`)).rejects.toMatchObject(failure);
        const image = { ref: `${address}/shop/api:1`, digest, local: false };
        await expect(runtime.fetch({ image, tag: `belay/${engine.prefix}/no:r1` })).rejects.toMatchObject(failure);
      });
    },
  );

  test('stops a pull when it is told to', async () => {
    const abort = new AbortController();
    const silent = () => abort.abort(new Error('told to'));
    await registryThat(silent, async (address) => {
      const image = { ref: `${address}/shop/api:1`, digest, local: false };
      const fetched = runtime.fetch({ image, tag: `belay/${engine.prefix}/no:r1`, signal: abort.signal });
      await expect(fetched).rejects.toThrow('told to');
    });
  });

  test('reads a pull to its end, where it may fail', async () => {
    const failing =
      (error: string): RequestListener =>
      ({ method }, response) => {
        if (method === 'GET') response.writeHead(404).end('{"message":"No such image"}');
        else
          response.end(
            `{"status":"Pulling"}\n{"status":"Downloading","progressDetail":{}}\n${JSON.stringify({ error })}\n`,
          );
      };
    const code = async (error: string) => {
      const image = { ref: 'r.example.com/api:1', digest: `sha256:${'1'.repeat(64)}`, local: false };
      let found = '';
      await engineThat(failing(error), async (docker) => {
        const pulled = dockerRuntime({ docker }).fetch({ image, tag: 'belay/a/b:r1' });
        found = await pulled.then(
          () => 'fetched',
          (failure) => `${failure.code}: ${failure.message}`,
        );
      });
      return found;
    };
    expect(await code('unauthorized: access denied')).toMatch(/^registry-denied: .*access denied/);
    expect(await code('read tcp: i/o timeout')).toMatch(/^registry-unreachable: .*timeout/);
    expect(await code('write /x: no space left on device')).toMatch(/^disk-full: .*no space left/);
  });
});
