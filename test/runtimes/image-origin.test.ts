import type Docker from 'dockerode';
import { parseImageRef } from '../../src/runtimes/docker/image-ref';
import { offered, pin, pinned, underName } from '../../src/runtimes/docker/images';
import { originOf } from '../../src/runtimes/docker/origin';

const built = `sha256:${'b'.repeat(64)}`;
const newer = `sha256:${'c'.repeat(64)}`;
const refusal = (statusCode: number, message: string) => Object.assign(new Error(message), { statusCode });

interface Store {
  /** Images as the engine inspects them, by each of their names. */
  images: Record<string, object>;
  /** Answers of registries by reference: a digest, or the refusal; unknown otherwise. */
  registry?: Record<string, string | Error>;
}

/** An engine whose store gives every image a digest, and what was asked of registries. */
function engine({ images, registry = {} }: Store): { docker: Docker; asked: string[] } {
  const asked: string[] = [];
  const getImage = (name: string) => ({
    inspect: async () => images[name] ?? Promise.reject(refusal(404, 'No such image')),
    distribution: async () => {
      asked.push(name);
      const answer = registry[name] ?? refusal(404, 'manifest unknown');
      if (typeof answer !== 'string') throw answer;
      return { Descriptor: { digest: answer } };
    },
  });
  return { docker: { getImage } as never, asked };
}

/** An image of the store of new engines: its id is its manifest's digest, pulled or built. */
const stored = (ref: string, more: object = {}) => {
  const { repository } = parseImageRef(ref);
  return { Id: built, RepoTags: [ref], RepoDigests: [`${repository}@${built}`], ...more };
};
const own = (ref: string) => ({ ref, digest: built, local: true });

describe('an image store that gives every image a digest', () => {
  const ref = 'shop/api:1';

  test('has images of its own, which no registry is asked for where the engine says that they were built', async () => {
    const { docker, asked } = engine({ images: { [ref]: stored(ref, { Identity: { Build: [{ Ref: 'x' }] } }) } });
    expect(await pin(docker, ref)).toEqual(own(ref));
    expect(asked).toEqual([]);
  });

  test('has images of its own, which are not taken for what a registry has under that name', async () => {
    const answers: Array<Store['registry']> = [{}, { [ref]: newer }, { [ref]: refusal(401, 'unauthorized') }];
    for (const registry of answers) {
      const { docker } = engine({ images: { [ref]: stored(ref) }, registry });
      expect(await pin(docker, ref)).toEqual(own(ref));
    }
  });

  test('has images of a registry, which are pinned as it has them now', async () => {
    const shared = { [`shop/api@${built}`]: built };
    const pulled = { Identity: { Pull: [{ Repository: 'docker.io/shop/api' }] } };
    for (const [image, registry] of [
      [stored(ref), { [ref]: newer, ...shared }],
      [stored(ref, pulled), { [ref]: newer }],
    ] as const)
      expect(await pin(engine({ images: { [ref]: image }, registry }).docker, ref)).toEqual({
        ref,
        digest: newer,
        local: false,
      });
    const { docker, asked } = engine({ images: { [ref]: stored(ref) }, registry: { [ref]: built } });
    expect(await pin(docker, ref)).toEqual({ ref, digest: built, local: false });
    expect(asked).toEqual([ref]);
  });

  test('has what it has under that very name while the registry is silent', async () => {
    const registry = { [ref]: refusal(500, 'dial tcp: no such host') };
    const { docker } = engine({ images: { [ref]: stored(ref) }, registry });
    await expect(pin(docker, ref)).rejects.toMatchObject({ code: 'registry-unreachable' });
    expect(await underName(docker, ref)).toEqual({ ref, digest: built, local: false });
    expect(await underName(docker, 'shop/web:1')).toBeUndefined();
  });

  test('has tags of Belay’s own, which are nobody else’s', async () => {
    const tag = 'belay/shop/api:r3';
    const { docker, asked } = engine({ images: { [tag]: stored(tag) } });
    expect(await pin(docker, tag)).toEqual(own(tag));
    expect(asked).toEqual([]);
  });

  test('tells what Compose has started by what its registry knows of it', async () => {
    const both = {
      RepoTags: ['belay/blog/web:r3', 'belay/shop/api:r0', ref],
      RepoDigests: [`belay/blog/web@${built}`, `belay/shop/api@${built}`, `shop/api@${built}`],
    };
    const images = { [built]: stored(ref, both) };
    expect(await pinned(engine({ images }).docker, built)).toEqual(own(ref));
    const there = { [`shop/api@${built}`]: built };
    expect(await pinned(engine({ images, registry: there }).docker, built)).toMatchObject({ ref, local: false });
    const silent = { [`shop/api@${built}`]: refusal(500, 'i/o timeout') };
    expect(await pinned(engine({ images, registry: silent }).docker, built)).toMatchObject({ ref, local: false });
    const only = { [built]: stored('belay/shop/api:r0') };
    expect(await pinned(engine({ images: only }).docker, built)).toMatchObject({ local: true });
  });
});

test('in a store whose ids are of configurations, a digest is a registry’s', () => {
  const image = { Id: newer, RepoDigests: [`docker.io/library/redis@${built}`] } as never;
  expect(originOf(image, parseImageRef('redis:7'))).toEqual({ id: newer, digest: built, from: 'registry' });
  expect(originOf(image, parseImageRef('shop/redis:7'))).toEqual({ id: newer, from: 'here' });
});

test('what a registry has no more is not what it does not show', async () => {
  const image = { ref: 'shop/api:1', digest: built, local: false };
  await expect(offered(engine({ images: {} }).docker, image)).rejects.toMatchObject({
    code: 'image-unknown',
    message: 'the registry of shop/api:1 does not have sha256:bbbbbbbbbbbb any more',
  });
  const registry = { [`shop/api@${built}`]: refusal(403, 'denied') };
  await expect(offered(engine({ images: {}, registry }).docker, image)).rejects.toMatchObject({
    code: 'registry-denied',
  });
});
