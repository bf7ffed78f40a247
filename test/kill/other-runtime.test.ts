import { createLedger } from '../../src/hosts/ledger';
import { type MemoryRuntime, memoryRuntime } from '../fakes/memory-runtime';
import { image, platform } from './host';
import { openTheatre, type Stage, type Theatre } from './stage';

/** Releases of processes that run files, at ports of their own: no image, no Compose file, no network. */

let theatre: Theatre;
beforeAll(async () => {
  theatre = await openTheatre();
}, 60_000);
afterAll(() => theatre?.close());

const instances = 2;
const key = { platform, service: 'api' };
const ports = (count: number) => Array.from({ length: count }, (_, index) => 9001 + index);

interface Setting {
  strategy: object;
  /** How many ports of their own the instances share. */
  own: number;
  route?: object;
}

async function staged({ strategy, own, route = { proxy: 'edge', backend: 'api' } }: Setting) {
  const runtime = memoryRuntime({ hostPorts: ports(own) });
  runtime.onJob((command) => (command === 'ask' ? 1 : 0));
  const stage = await theatre.stage({ runtime });
  stage.host.write('belay.yaml', {
    platform,
    proxies: {
      edge: { kind: 'haproxy', socket: '/nowhere.sock', config: '/nowhere.cfg' },
      own: { kind: 'haproxy', managed: true, image: 'haproxy:1' },
    },
    services: {
      api: {
        image: image('1'),
        env: { GREETING: 'hello' },
        instances,
        strategy,
        routes: [{ port: 8080, ...route }],
        health: { ready: { http: '/ready', port: 8080, every: '10ms', healthy: 1, within: '10s' } },
        validate: [{ name: 'smoke', http: '/smoke', port: 8080 }],
        jobs: [{ name: 'expand', command: ['up'], pending: ['ask'], undo: ['down'] }],
        drain: { deadline: '100ms' },
        stop: { grace: '5s' },
        keep: 2,
      },
    },
  });
  return { stage, runtime };
}

const released = async ({ release }: Stage, api: string) => (await release({ versions: { api } })).outcome;
const running = ({ host }: Stage) => Promise.all(host.instances.names().map(host.versionOf));
const portsOf = async (runtime: MemoryRuntime) => (await runtime.observe(key)).map((one) => one.ports['8080']).sort();

test('rolling: every process is replaced, and as many serve at every moment', async () => {
  const { stage, runtime } = await staged({ strategy: { kind: 'rolling', surge: 1 }, own: 3 });
  try {
    expect(await released(stage, '1')).toBe('released');
    stage.watch(instances);
    expect(await released(stage, '2')).toBe('released');
    expect(await running(stage)).toEqual(['2', '2']);
    expect(stage.failures).toEqual([]);
    expect(await stage.host.traffic()).toEqual({ serving: instances, lost: [] });
    expect(await portsOf(runtime)).toEqual([9001, 9003]);
    const runs = (revision: number) =>
      [`.pending: ask`, `: up`].map((end) => `${platform}-api-r${revision}-job-expand${end}`);
    expect(runtime.jobs).toEqual([1, 2].flatMap(runs));
    expect(await released(stage, 'bad')).toBe('failed');
    expect(await running(stage)).toEqual(['2', '2']);
    expect(await portsOf(runtime)).toEqual([9001, 9003]);
    expect(runtime.jobs.slice(4)).toEqual([...runs(3), `${platform}-api-r3-job-expand.undo: down`]);
    expect(await runtime.observe({ ...key, jobs: true })).toEqual([]);
  } finally {
    await stage.close();
  }
});

test('rolling in place: each new process waits for the port of an old one', async () => {
  const { stage, runtime } = await staged({ strategy: { kind: 'rolling', surge: 0, unavailable: 1 }, own: 2 });
  try {
    expect(await released(stage, '1')).toBe('released');
    stage.watch(instances - 1);
    for (const version of ['2', '1']) expect(await released(stage, version)).toBe('released');
    expect(await released(stage, 'latebad')).toBe('failed');
    expect(await running(stage)).toEqual(['1', '1']);
    expect(await portsOf(runtime)).toEqual([9001, 9002]);
    expect(stage.failures).toEqual([]);
  } finally {
    await stage.close();
  }
});

test('a release that fails goes back, and a rollback leads to the file that the host has kept', async () => {
  const { stage, runtime } = await staged({ strategy: { kind: 'rolling', surge: 2 }, own: 4 });
  try {
    for (const version of ['1', '2']) expect(await released(stage, version)).toBe('released');
    stage.watch(instances);
    expect(await released(stage, 'bad')).toBe('failed');
    expect(await running(stage)).toEqual(['2', '2']);
    runtime.removeFile(image('1'));
    const back = await (await stage.belay.rollback(stage.where)).result();
    expect(back.outcome).toBe('reverted');
    expect(await running(stage)).toEqual(['1', '1']);
    expect(stage.failures).toEqual([]);
  } finally {
    await stage.close();
  }
});

test('recreate: the new processes take the ports of those that have stopped', async () => {
  const { stage, runtime } = await staged({ strategy: { kind: 'recreate' }, own: 2 });
  try {
    for (const version of ['1', '2']) expect(await released(stage, version)).toBe('released');
    expect(await running(stage)).toEqual(['2', '2']);
    expect(await portsOf(runtime)).toEqual([9001, 9002]);
    expect(await released(stage, 'bad')).toBe('failed');
    expect(await running(stage)).toEqual(['2', '2']);
    expect(await stage.host.traffic()).toEqual({ serving: instances, lost: [] });
  } finally {
    await stage.close();
  }
});

test('blue-green: both sets stand side by side, at ports of their own', async () => {
  const route = { proxy: 'edge', backend: 'pair' };
  const { stage } = await staged({ strategy: { kind: 'blue-green' }, own: 4, route });
  try {
    expect(await released(stage, '1')).toBe('released');
    stage.watch(instances);
    expect(await released(stage, '2')).toBe('released');
    expect(await running(stage)).toEqual(['2', '2']);
    expect(stage.failures).toEqual([]);
  } finally {
    await stage.close();
  }
});

test('the ledger keeps the file, and what no revision needs is removed from the host', async () => {
  const { stage, runtime } = await staged({ strategy: { kind: 'recreate' }, own: 2 });
  try {
    for (const version of ['1', '2', '1']) expect(await released(stage, version)).toBe('released');
    const ledger = createLedger({ home: stage.host.home }).of(key);
    const last = (await ledger.revisions()).at(-1)!;
    expect(last.desired.artifact).toEqual({
      kind: 'file',
      source: image('1'),
      sha256: expect.stringMatching(/^\w{64}$/),
    });
    expect(await runtime.artifacts.kept(key)).toHaveLength(2);
    const dropped = await (await stage.belay.drop(stage.where)).result();
    expect(dropped.outcome).toBe('removed');
    expect(await runtime.artifacts.kept(key)).toEqual([]);
    expect(runtime.names()).toEqual([]);
  } finally {
    await stage.close();
  }
});

test.each([
  [
    'rolling without a port to spare',
    { strategy: { kind: 'rolling', surge: 1 }, own: 2 },
    'api: every one of its ports (9001, 9002) is in use; the next instance finds none',
  ],
  [
    'a proxy that needs names on a network',
    { strategy: { kind: 'recreate' }, own: 2, route: { proxy: 'own' } },
    'services.api: proxy own reaches instances by name, and those of this runtime are on no network',
  ],
])('%s is refused before anything is changed', async (_title, setting: Setting, message) => {
  const { stage } = await staged(setting);
  try {
    const release = async () => {
      for (const api of ['1', '2']) await stage.release({ versions: { api } });
    };
    await expect(release()).rejects.toMatchObject({ message });
    expect(await running(stage)).not.toContain('2');
  } finally {
    await stage.close();
  }
});
