import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { fetch, pin, underName } from '../../src/runtimes/docker/images';

const digest = `sha256:${'1'.repeat(64)}`;
const refusal = (statusCode: number, message: string) => Object.assign(new Error(message), { statusCode });

/** An engine that has an image or not, and whose registry says this. */
function engine({ image, registry }: { image?: object; registry: Error }): Docker {
  const getImage = () => ({
    inspect: async () => image ?? Promise.reject(refusal(404, 'No such image')),
    distribution: () => Promise.reject(registry),
  });
  return { getImage, createImage: async () => Readable.from([JSON.stringify({ error: registry.message })]) } as never;
}

const { DOCKER_CONFIG } = process.env;
beforeAll(() => {
  process.env.DOCKER_CONFIG = '/nonexistent';
});
afterAll(() => {
  if (DOCKER_CONFIG === undefined) delete process.env.DOCKER_CONFIG;
  else process.env.DOCKER_CONFIG = DOCKER_CONFIG;
});
const asked = 'asked without credentials: /nonexistent/config.json is not there';

test.each([
  [500, 'dial tcp: no such host', 'registry-unreachable', 'docker.io does not answer'],
  [
    500,
    'received unexpected HTTP status: 503 Service Unavailable',
    'registry-unreachable',
    'docker.io does not answer',
  ],
  [500, 'error unmarshalling content: invalid character', 'registry-unreachable', 'docker.io does not answer'],
  [429, 'toomanyrequests: pull rate limit', 'registry-unreachable', `docker.io has had too many requests, ${asked}`],
  [
    500,
    'Head "http://127.0.0.1:40429/v2/": no basic auth credentials',
    'registry-denied',
    `docker.io refuses it, ${asked}`,
  ],
  [403, 'denied', 'registry-denied', `docker.io refuses it, ${asked}`],
  [404, 'manifest unknown', 'image-unknown', 'docker.io does not have it'],
])('%i "%s" of a registry is %s, and both places are named', async (status, words, code, said) => {
  await expect(pin(engine({ registry: refusal(status, words) }), 'shop/api:1')).rejects.toMatchObject({
    code,
    message: `shop/api:1 is not on this host, and ${said}: ${words}`,
    hint: expect.stringMatching(/docker\.io|push it/),
  });
});

test('an image that is on this host is not said to be missing, and is known by its name', async () => {
  const ref = 'r.example.com/shop/api:1';
  const image = { Id: `sha256:${'2'.repeat(64)}`, RepoDigests: [`r.example.com/shop/api@${digest}`] };
  const docker = engine({ image, registry: refusal(500, 'dial tcp: no such host') });
  await expect(pin(docker, ref)).rejects.toMatchObject({
    message: `${ref}: r.example.com does not answer: dial tcp: no such host`,
  });
  expect(await underName(docker, ref)).toEqual({ ref, digest, local: false });
});

test.each([
  ['image-unknown', 'manifest unknown', 'docker.io does not have it: '],
  ['registry-denied', 'denied: requested access to the resource is denied', `docker.io refuses it, ${asked}: `],
  ['registry-unreachable', 'dial tcp: no such host', 'docker.io does not answer: '],
  ['disk-full', 'write /x: no space left on device', ''],
  ['unexpected', 'failed to register layer: bad archive', ''],
])('a pull that fails with %s says that the image is not on this host', async (code, words, said) => {
  const image = { ref: 'shop/api:1', digest, local: false };
  const pulled = fetch(engine({ registry: new Error(words) }), { image, tag: 'belay/shop/api:r1' });
  await expect(pulled).rejects.toMatchObject({
    code,
    message: `shop/api:1 (sha256:111111111111) is not on this host, and cannot be pulled: ${said}${words}`,
  });
});

test('a registry that takes the question and says nothing is given up in time', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
  try {
    let isAsked = () => {};
    const asked = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    const getImage = () => ({
      inspect: async () => Promise.reject(refusal(404, 'No such image')),
      distribution: () => {
        isAsked();
        return new Promise(() => undefined);
      },
    });
    const pinned = expect(pin({ getImage } as never, 'r.example.com/shop/api:1')).rejects.toMatchObject({
      code: 'registry-unreachable',
      message: expect.stringContaining('r.example.com does not answer: no answer within 20 s'),
    });
    await asked;
    await jest.advanceTimersByTimeAsync(20_000);
    await pinned;
  } finally {
    jest.useRealTimers();
  }
});
