import { memoryCapabilities, memoryProxy } from '../fakes/memory-proxy';
import { image } from './host';
import { openTheatre, type Stage, type Theatre } from './stage';

/** Releases behind a proxy that has a place for whoever asks, checks nothing, counts nothing and has no sets. */

let theatre: Theatre;
beforeAll(async () => {
  theatre = await openTheatre();
}, 180_000);
afterAll(() => theatre?.close());

const instances = 2;

async function staged(strategy: object): Promise<Stage> {
  const proxy = memoryProxy();
  const stage = await theatre.stage({
    proxy: { capabilities: memoryCapabilities, place: 'memory', open: () => proxy },
  });
  stage.host.write('belay.yaml', {
    platform: 'shop',
    hosts: { local: { ports: '27200-27399' } },
    proxies: { edge: { kind: 'haproxy', socket: '/nowhere.sock', config: '/nowhere.cfg' } },
    services: {
      api: {
        image: image('1'),
        instances,
        strategy,
        routes: [{ proxy: 'edge', backend: 'api', port: 8080 }],
        health: { ready: { http: '/ready', port: 8080, every: '10ms', healthy: 1, within: '10s' } },
        validate: [{ name: 'smoke', http: '/smoke', port: 8080 }],
        drain: { deadline: '100ms' },
        stop: { grace: '5s' },
      },
    },
  });
  return stage;
}

const released = async (stage: Stage, api: string) => {
  const { outcome, cause } = await stage.release({ versions: { api } });
  return { outcome, cause };
};
const running = ({ host }: Stage) => Promise.all(host.runtime.names().map(host.versionOf));

test('rolling: every instance is replaced, there and back, and as many serve at every moment', async () => {
  const stage = await staged({ kind: 'rolling', surge: 1 });
  try {
    expect(await released(stage, '1')).toEqual({ outcome: 'released', cause: undefined });
    stage.watch(instances);
    expect(await released(stage, '2')).toEqual({ outcome: 'released', cause: undefined });
    expect(await running(stage)).toEqual(['2', '2']);
    expect((await released(stage, 'bad')).outcome).toBe('failed');
    expect(await running(stage)).toEqual(['2', '2']);
    expect(stage.failures).toEqual([]);
    expect(await stage.host.traffic()).toEqual({ serving: instances, lost: [] });
  } finally {
    await stage.close();
  }
});

test('recreate: the old ones stop, and the new ones take their places', async () => {
  const stage = await staged({ kind: 'recreate' });
  try {
    for (const version of ['1', '2']) expect((await released(stage, version)).outcome).toBe('released');
    expect(await running(stage)).toEqual(['2', '2']);
    expect(await stage.host.traffic()).toEqual({ serving: instances, lost: [] });
  } finally {
    await stage.close();
  }
});

test.each([
  [{ kind: 'blue-green' }, 'proxy edge cannot switch from one set of servers to another'],
  [{ kind: 'canary', steps: [{ weight: 10 }] }, 'api: proxy edge gives all instances the same share'],
])('%j is refused before anything is changed', async (strategy, message) => {
  const stage = await staged(strategy);
  try {
    await expect(stage.release({ versions: { api: '1' } })).rejects.toMatchObject({ message });
    expect(await running(stage)).toEqual([]);
  } finally {
    await stage.close();
  }
});
