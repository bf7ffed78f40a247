import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMasker } from '../../src/hosts/secrets';
import { dockerAdapter } from '../../src/runtimes/docker/adapter';
import { engineContract } from '../contracts/engine-contract';
import { type Inside, runtimeContract } from '../contracts/runtime-contract';
import { type FakeRuntime, fakeRuntime } from '../fakes/fake-runtime';
import { composedProject } from './projects';

function engines() {
  const runtime = fakeRuntime();
  const offline = fakeRuntime();
  offline.unreachable = true;
  runtime.addImage('shop-api:dev');
  let port = 20_000;
  return { runtime, offline, platform: 'shop', freePort: async () => port++, settled: async () => undefined };
}

engineContract('the fake runtime', async () => ({
  ...engines(),
  image: 'shop-api:dev',
  unknownImage: 'nobody:1',
  close: async () => undefined,
}));

const inside: Inside = {
  says: (line, error, code) => [error || `${line}\n`, String(code)],
  silent: [],
};

runtimeContract(
  'Docker on the fake engine',
  async () => {
    const { runtime, offline, ...more } = engines();
    runtime.onJob((command) => (command === 'up' ? undefined : Number(command.split(' ')[1])));
    runtime.onRun(([output, code]) => (output === undefined ? undefined : { code: Number(code), output }));
    const folder = mkdtempSync(join(tmpdir(), 'belay-runtime-'));
    const world = { home: join(folder, 'home'), masker: createMasker() };
    return {
      ...more,
      runtime: dockerAdapter({ ...world, engine: runtime }),
      job: (code) => ['up', ...(code === undefined ? [] : [String(code)])],
      another: async () => dockerAdapter({ ...world, engine: runtime }),
      offline: dockerAdapter({ ...world, engine: offline }),
      ref: 'shop-api:dev',
      unknownRef: 'nobody:1',
      project: (services) => composedProject({ folder, platform: more.platform, image: 'shop-api:dev', services }),
      close: async () => rmSync(folder, { recursive: true, force: true }),
    };
  },
  inside,
);

describe('the fake runtime', () => {
  let fake: FakeRuntime;
  const labels = { 'belay.platform': 'shop', 'belay.service': 'api', 'belay.revision': '2' };
  const query = { platform: 'shop', service: 'api', project: 'shop' };

  beforeEach(async () => {
    fake = fakeRuntime();
    fake.addImage('shop-api:dev');
    await fake.create({ name: 'a', template: { Image: 'shop-api:dev', Labels: labels } });
    await fake.start('a');
  });

  const probe = async () => fake.probe({ instance: (await fake.observe(query))[0]!, check: {} as never });

  test('ends an instance with the code it is told', async () => {
    fake.exit('a', 3);
    expect(await fake.observe(query)).toMatchObject([{ state: 'exited', exitCode: 3 }]);
    expect(await probe()).toEqual({ healthy: false, why: 'connection refused' });
  });

  test('keeps a stubborn instance until SIGKILL', async () => {
    fake.ignoreSignals('a');
    await fake.signal('a', 'SIGTERM');
    expect(await fake.observe(query)).toMatchObject([{ state: 'running' }]);
    await fake.signal('a', 'SIGKILL');
    expect(await fake.observe(query)).toMatchObject([{ state: 'exited', exitCode: 137 }]);
  });

  test('is ready as it is told', async () => {
    expect(await probe()).toEqual({ healthy: true });
    fake.setReady('a', 'ready is false, not true');
    expect(await probe()).toEqual({ healthy: false, why: 'ready is false, not true' });
    fake.setReady('a', true);
    fake.neverReady(({ revision }) => revision === 2);
    expect(await probe()).toEqual({ healthy: false, why: 'answered 503, not 200' });
  });

  test('fails the next call of a verb, once', async () => {
    fake.failNext('start');
    await expect(fake.start('a')).rejects.toMatchObject({ code: 'engine-unreachable' });
    await fake.start('a');
  });

  test('shows what Compose started as revision 0', async () => {
    const Labels = {
      'com.docker.compose.project': 'shop',
      'com.docker.compose.service': 'api',
      'com.docker.compose.config-hash': 'h',
    };
    await fake.create({ name: '0', template: { Image: 'shop-api:dev', Labels } });
    expect(await fake.observe(query)).toMatchObject([
      { name: '0', revision: 0, fingerprint: expect.stringMatching(/^compose:h:/) },
      { name: 'a' },
    ]);
    expect(await fake.observe({ platform: 'shop', service: 'api' })).toMatchObject([{ name: 'a' }]);
  });

  test('takes an image from the registry by its digest', async () => {
    fake.publish('registry/shop/api:2', 'sha256:2');
    const image = await fake.pin('registry/shop/api:2');
    expect(image).toEqual({ ref: 'registry/shop/api:2', digest: 'sha256:2', local: false });
    await fake.fetch({ image, tag: 'belay/shop/api:r2' });
    expect(await fake.tags('belay/shop/')).toEqual(['belay/shop/api:r2']);
    await expect(fake.pin('registry/shop/api:9')).rejects.toMatchObject({ code: 'image-unknown' });
  });

  test('remembers what changed it', async () => {
    expect(fake.calls).toEqual(['create a', 'start a']);
  });
});
