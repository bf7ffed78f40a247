import type { Deps } from '../../activities';
import { proxy } from '../../activities/proxy';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';

test('the image of a proxy is pulled before the lock of the service is taken', async () => {
  const events: string[] = [];
  const runtime = fakeRuntime();
  runtime.publish('haproxy:3.2', `sha256:${'1'.repeat(64)}`);
  const own = fakeDeps({ home: '/nowhere', runtime });
  const deps = {
    ...own,
    runtime: {
      ...runtime,
      fetch: async (request: Parameters<typeof runtime.fetch>[0]) => {
        events.push((await runtime.has(request.image)) ? 'tagged' : 'pulled');
        await runtime.fetch(request);
      },
    },
    effects: {
      effect: async (id: string, _: unknown, act: () => Promise<unknown>) => {
        events.push(`locked for ${id}`);
        return await act();
      },
    },
    fronts: { ...own.fronts, ensure: async () => ({ changed: 'created' as const }) },
  } as unknown as Deps;
  const front = { proxy: 'edge', image: await runtime.pin('haproxy:3.2'), routes: [] };
  const step = { kind: 'proxy', id: 'api/proxy/edge', service: 'api', host: 'h', epoch: 1, needs: [], proxy: 'edge' };
  const input = { format: 1, step: { ...step, front }, round: 1, platform: 'shop', engine: await runtime.identity() };
  await runActivity(proxy(deps) as (input: unknown) => Promise<unknown>, input);
  expect(events).toEqual(['pulled', 'locked for proxy.image', 'tagged', 'locked for proxy.ensure']);
});
