import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../../testbed/wait';
import { type ManagedBed, managedBed } from './managed-bed';
import { ask, during, type OpenLoop, openLoop, type Sent } from './open-loop';

const program = readFileSync(join(__dirname, 'misbehaving-instance.js'), 'utf8');
const names: string[] = [];
let bed: ManagedBed;
const through = () => `http://127.0.0.1:${bed.hostPort}`;
const straight = async (name: string) => `http://${await bed.ip(name)}:8080`;

async function inTraffic(count: number, env: Record<string, string> = {}): Promise<void> {
  for (const end = names.length + count; names.length < end; ) {
    const name = await bed.instance(env, program);
    names.push(name);
    await bed.admit(`s${names.length}`, `${name}:8080`);
  }
}

beforeAll(async () => {
  bed = await managedBed();
  // The first state has no waiting requests, and the running proxy has to learn them.
  await bed.ensure({ routes: [{ ...bed.api, readyTimeout: 5_000 }] });
});
afterEach(async () => {
  for (const { server } of await bed.proxy.observe('api')) await bed.proxy.remove({ backend: 'api', server });
  for (const name of names.splice(0)) await bed.docker.getContainer(name).remove({ force: true });
});
afterAll(() => bed.close());

/** 40 kB, and more headers than HAProxy takes by itself. */
const manyHeaders = {
  cookie: 'x'.repeat(40_000),
  ...Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`x-own-${index}`, 'x'])),
};

/** Sends people's requests to one address, while the only instance there has a bad day. */
async function badDay(url: string, only: string): Promise<Sent[]> {
  const reader = connect(Number(new URL(url).port), new URL(url).hostname, () =>
    reader.write('GET /much HTTP/1.0\r\n\r\n'),
  );
  reader.pause().on('error', () => undefined);
  const all: Omit<OpenLoop, 'url'>[] = [
    { rate: 20 },
    { rate: 10, fresh: true },
    { rate: 3, send: (to, options) => ask(to, { ...options, headers: manyHeaders }) },
    { rate: 3, send: (to, options) => ask(`${to}/cookies`, options) },
    { rate: 5, send: (to, options) => ask(to, { ...options, method: 'POST' }, Buffer.alloc(1_000_000)) },
  ];
  const loads = all.map((load) => openLoop({ url, ...load }));
  await sleep(500);
  await ask(`${only}/block?ms=5500`);
  await ask(`${only}/unready?ms=1500`);
  await sleep(2_000);
  const sent = await Promise.all(loads.map((load) => load.stop()));
  reader.destroy();
  return sent;
}

test('serves no worse than the container itself an instance that blocks, and one that says it is not ready', async () => {
  await inTraffic(1, { READY_MS: '1500' });
  await bed.ensure({ routes: [{ ...bed.api, readyTimeout: 5_000, hold: undefined }] });
  const other = await bed.instance({ READY_MS: '1500' }, program);
  names.push(other);
  const [proxied, plain] = await Promise.all([
    badDay(through(), await straight(names[0]!)),
    badDay(await straight(other), await straight(other)),
  ]);
  const failures = (all: Sent[]) => all.map((one) => one.failures);
  expect(failures(proxied)).toEqual(failures(plain).map(() => []));
  expect(proxied.every(({ count }) => count > 20)).toBe(true);
});

test('serves one whose queue of connections is full as late as the container itself does', async () => {
  await inTraffic(1, { BACKLOG: '5' });
  const only = await straight(names[0]!);
  const sent = await during({ url: through(), rate: 20, fresh: true }, 4_500, () => ask(`${only}/block?ms=3500`));
  expect(sent.failures).toEqual([]);
});

test('loses nothing by an instance that dies beside one that hangs', async () => {
  await inTraffic(3);
  const sent = await during({ url: through(), rate: 100 }, 4_000, async () => {
    await sleep(300);
    await bed.docker.getContainer(names[0]!).kill();
    const hung = bed.docker.getContainer(names[1]!);
    await hung.pause();
    await sleep(2_500);
    await hung.unpause();
  });
  expect(sent.failures).toEqual([]);
  expect(sent.count).toBeGreaterThan(300);
});

test('sends a request that ends its instance to no other, where it may not be repeated', async () => {
  await inTraffic(2);
  await expect(ask(`${through()}/die`, { method: 'POST' })).rejects.toThrow('502');
  const states = () => Promise.all(names.map((name) => bed.docker.getContainer(name).inspect()));
  const running = async () => (await states()).filter(({ State }) => State.Running).length;
  // The engine learns of an end a moment after the client.
  await waitFor({ what: 'the engine knows of the end', until: async () => (await running()) < 2 });
  await ask(through());
  expect(await running()).toBe(1);
});

test('tells the service who its client is, and keeps a client at one instance until that one is out', async () => {
  await inTraffic(1);
  expect(await ask(`${through()}/client`)).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  await bed.ensure({ routes: [{ ...bed.api, sticky: 'cookie', hold: undefined }] });
  const [cookie = ''] = (await fetch(through())).headers.getSetCookie();
  await inTraffic(1);
  const answers = async () => {
    const all = Array.from({ length: 6 }, () => ask(through(), { headers: { cookie: cookie.split(';')[0] } }));
    return [...new Set((await Promise.all(all)).map((one) => (JSON.parse(one) as { name: string }).name))];
  };
  const [first] = names;
  expect(await answers()).toEqual([first]);
  await bed.proxy.drain({ backend: 'api', server: 's1' });
  expect(await answers()).toEqual([first]);
  await bed.proxy.remove({ backend: 'api', server: 's1' });
  expect(await answers()).not.toContain(first);
});
