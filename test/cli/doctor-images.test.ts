import { examineImages } from '../../src/cli/doctor/images';
import { BelayError } from '../../src/errors';
import type { ComposeService } from '../../src/runtimes/docker/compose/project';
import type { ServiceSpec } from '../../src/spec/spec';
import { fakeRuntime } from '../fakes/fake-runtime';

const runtime = fakeRuntime();
runtime.addImage('shop/api:1');
runtime.publish('registry.example.com/shop/web:1', `sha256:${'a'.repeat(64)}`);

/** Returns the findings about services whose image the Compose file or the spec names. */
const said = async (compose: Record<string, ComposeService>, spec: Record<string, object> = {}) => {
  const services = { ...Object.fromEntries(Object.keys(compose).map((name) => [name, {}])), ...spec };
  const checks = await examineImages(
    runtime,
    { services: services as Record<string, ServiceSpec> },
    { services: compose },
  );
  return checks.map(({ state, text, todo }) => ({ state, text, todo }));
};

test('an image that a release could have is said, with whose it is', async () => {
  const compose = { api: { image: 'shop/api:1' }, worker: { image: 'shop/api:1' } };
  expect(await said(compose, { web: { image: 'registry.example.com/shop/web:1' } })).toEqual([
    { state: 'ok', text: 'api, worker: shop/api:1: only on this engine', todo: [] },
    { state: 'ok', text: 'web: registry.example.com/shop/web:1: sha256:aaaaaaaaaaaa', todo: [] },
  ]);
});

test('the image of the spec goes before that of the Compose file', async () => {
  const [one] = await said({ api: { image: 'shop/none:1' } }, { api: { image: 'shop/api:1' } });
  expect(one?.state).toBe('ok');
});

test('one that nobody has is bad, and another version is a way out', async () => {
  const [one] = await said({ api: { image: 'shop/none:1' } });
  expect(one).toMatchObject({ state: 'bad', text: expect.stringContaining('api: shop/none:1') });
  expect(one?.todo.at(-1)).toBe('or release another version of it: --version api=…');
});

test('one that is here while its registry is silent is worth a look', async () => {
  runtime.failNext('pin', new BelayError('registry-unreachable', 'the registry of shop/api:1 does not answer'));
  expect(await said({ api: { image: 'shop/api:1' } })).toEqual([
    {
      state: 'warn',
      text: expect.stringContaining('Belay uses the image that this host has under that name'),
      todo: ['a release goes on with it'],
    },
  ]);
});
