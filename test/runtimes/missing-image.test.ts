import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { fetch, pin } from '../../src/runtimes/docker-images';

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

const offline = refusal(500, 'dial tcp: no such host');

test('where neither this host nor a registry has an image, both are said', async () => {
  await expect(pin(engine({ registry: offline }), 'shop/api:1')).rejects.toMatchObject({
    code: 'registry-unreachable',
    message: 'shop/api:1 is not on this host, and its registry does not answer: dial tcp: no such host',
  });
  await expect(pin(engine({ registry: refusal(404, 'manifest unknown') }), 'shop/api:1')).rejects.toMatchObject({
    code: 'image-unknown',
    message: 'shop/api:1 is neither in its registry nor on this engine',
  });
});

test('an image that is on this host is not said to be missing', async () => {
  const image = { Id: digest, RepoDigests: [`r.example.com/shop/api@${digest}`] };
  await expect(pin(engine({ image, registry: offline }), 'r.example.com/shop/api:1')).rejects.toMatchObject({
    message: 'the registry of r.example.com/shop/api:1 does not answer: dial tcp: no such host',
  });
});

test.each([
  ['image-unknown', 'manifest unknown'],
  ['registry-unreachable', 'dial tcp: no such host'],
])('a pull that fails with %s says that the image is not on this host', async (code, words) => {
  const image = { ref: 'shop/api:1', digest, local: false };
  const pulled = fetch(engine({ registry: new Error(words) }), { image, tag: 'belay/shop/api:r1' });
  await expect(pulled).rejects.toMatchObject({
    code,
    message: `shop/api:1 (sha256:111111111111) is not on this host, and cannot be pulled: ${words}`,
  });
});
