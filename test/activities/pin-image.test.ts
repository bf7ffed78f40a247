import { BelayError, type ErrorCode } from '../../src/errors';
import { createMasker } from '../../src/hosts/secrets';
import { forOnePlan } from '../../src/runtimes';
import { pinImage, pinProxyImage } from '../../src/runtimes/docker/project/pin-image';
import { type FakeRuntime, fakeRuntime } from '../fakes/fake-runtime';

const ref = 'r.example.com/shop/api:1';
const failing = (code: ErrorCode) => new BelayError(code, `${ref}: r.example.com does not answer`);

/** A host whose registry fails with this code. */
function host(code: ErrorCode) {
  const runtime = fakeRuntime();
  runtime.failNext('pin', failing(code));
  return runtime;
}

test.each<ErrorCode>(['registry-unreachable', 'registry-denied', 'image-unknown'])(
  'with %s it is what the host has under that very name, and the plan says so',
  async (code) => {
    const runtime = host(code);
    runtime.addImage(ref, 'sha256:1111111111111111');
    expect(await pinImage({ engine: runtime }, { ref })).toEqual({
      image: { ref, digest: 'sha256:1111111111111111', local: true },
      warning: `${ref}: r.example.com does not answer: Belay uses the image that this host has under that name, sha256:111111111111`,
    });
  },
);

test('what the last release has brought is not given up for an older image of that name', async () => {
  const runtime = host('registry-unreachable');
  runtime.addImage(ref, 'sha256:old');
  runtime.addImage('belay/shop/api:r2', 'sha256:new');
  const former = { ref, digest: 'sha256:new', local: false };
  expect(await pinImage({ engine: runtime }, { ref, former })).toEqual({
    image: former,
    warning: expect.stringContaining('Belay uses the image of the last release'),
  });
});

test('another reference, or an image that is gone, is not the last release’s', async () => {
  for (const former of [
    { ref: `${ref}0`, digest: 'sha256:new', local: false },
    { ref, digest: 'sha256:gone', local: false },
  ]) {
    const runtime = host('registry-unreachable');
    runtime.addImage('belay/shop/api:r2', 'sha256:new');
    await expect(pinImage({ engine: runtime }, { ref, former })).rejects.toMatchObject({
      code: 'registry-unreachable',
    });
  }
});

test('a proxy’s image that nobody has is told with its place in the spec', async () => {
  const asked = { name: 'edge', ref };
  await expect(pinProxyImage({ engine: host('registry-unreachable') }, asked)).rejects.toMatchObject({
    code: 'registry-unreachable',
    message: `proxies.edge.image: ${ref}: r.example.com does not answer`,
    hint: 'to take another image, change proxies.edge.image in belay.yaml',
  });
});

test('an engine that does not answer is no reason to take anything', async () => {
  const runtime = host('engine-unreachable');
  runtime.addImage(ref);
  await expect(pinImage({ engine: runtime }, { ref })).rejects.toMatchObject({ code: 'engine-unreachable' });
});

const onePlan = (engine: FakeRuntime) => forOnePlan({ engine, home: '/nowhere', masker: createMasker() });

test('services, one-shots and proxies of one plan that name the same image get the same one, though its tag moves meanwhile', async () => {
  const runtime = fakeRuntime();
  runtime.addImage(ref, 'sha256:old');
  const { engine, runtimeOf } = onePlan(runtime);
  const first = await pinImage({ engine }, { ref });
  runtime.addImage(ref, 'sha256:new');
  expect(await pinImage({ engine }, { ref })).toEqual(first);
  expect((await runtimeOf().artifacts.pin({ ref })).artifact).toEqual(first.image);
  expect((await pinImage({ engine: onePlan(runtime).engine }, { ref })).image.digest).toBe('sha256:new');
});

test('services of one plan that name the same image keep each its own of the last release, if the registry is silent', async () => {
  const runtime = host('registry-unreachable');
  runtime.addImage('belay/shop/api:r2', 'sha256:api');
  runtime.addImage('belay/shop/web:r1', 'sha256:web');
  const { artifacts } = onePlan(runtime).runtimeOf();
  const formers = ['sha256:api', 'sha256:web'].map((digest) => ({ ref, digest, local: false }));
  const pinned = await Promise.all(formers.map((former) => artifacts.pin({ ref, former })));
  expect(pinned.map(({ artifact }) => artifact)).toEqual(formers);
});
