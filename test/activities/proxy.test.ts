import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { Deps } from '../../activities';
import { proxy } from '../../activities/proxy';
import { createLedger } from '../../src/hosts/ledger';
import { fakeRuntime } from '../fakes/fake-runtime';
import { noFronts } from '../fakes/no-fronts';

test('the image of a proxy is pulled before the lock of the service is taken', async () => {
  const events: string[] = [];
  const runtime = fakeRuntime();
  runtime.publish('haproxy:3.2', `sha256:${'1'.repeat(64)}`);
  const deps = {
    home: '/nowhere',
    ledger: createLedger({ home: '/nowhere' }),
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
    fronts: { ...noFronts, ensure: async () => ({ changed: 'created' as const }) },
  } as unknown as Deps;
  const front = { proxy: 'edge', image: await runtime.pin('haproxy:3.2'), routes: [] };
  const step = { kind: 'proxy', id: 'api/proxy/edge', service: 'api', host: 'h', epoch: 1, needs: [], proxy: 'edge' };
  const input = { format: 1, step: { ...step, front }, round: 1, platform: 'shop', engine: await runtime.identity() };
  const env = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR', () => undefined) });
  await env.run(proxy(deps) as (input: unknown) => Promise<unknown>, input);
  expect(events).toEqual(['pulled', 'locked for proxy.image', 'tagged', 'locked for proxy.ensure']);
});
