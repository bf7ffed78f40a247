import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chosenLines } from '../../src/proxies/haproxy/chosen';
import type { ProxyServer } from '../../src/proxies/proxy';
import { capabilitiesOf } from '../../src/spec/proxies';
import { workersOf } from '../../testbed/haproxy-socket';
import { freePort } from '../../testbed/port';
import { waitFor } from '../../testbed/wait';
import { proxyContract, serverSeen, untilSeen } from '../contracts/proxy-contract';
import { type HaproxyBed, haproxyBed } from './haproxy-bed';
import { chosenMatch } from './instances';

const able = capabilitiesOf({ kind: 'haproxy', socket: '/s', config: '/c' });
proxyContract('HAProxy over a unix socket', able, () => haproxyBed());
proxyContract('HAProxy where requests wait', able, () =>
  haproxyBed({ backends: [{ name: 'api', slots: 3, match: chosenMatch, waits: true }] }),
);
proxyContract('HAProxy over TCP', able, () => haproxyBed({ socket: ({ tcpAddress }) => `tcp://${tcpAddress}` }));

const first = { backend: 'api', server: 's1' };
const second = { backend: 'api', server: 's2' };

describe('HAProxy', () => {
  let bed: HaproxyBed;
  afterEach(() => bed.cleanup());

  async function inTraffic(ref = first): Promise<string> {
    const address = await bed.goodAddress();
    await bed.proxy.stage(ref, address);
    await untilSeen(bed.proxy, ref, { check: 'passing' });
    await bed.proxy.admit(ref);
    return address;
  }

  test('keeps address, port and state over a reload', async () => {
    bed = await haproxyBed();
    const address = await inTraffic();
    const draining = await inTraffic(second);
    await bed.proxy.drain(second);
    await bed.haproxy.reload();
    expect(await serverSeen(bed.proxy, first)).toMatchObject({ address, state: 'ready' });
    expect(await serverSeen(bed.proxy, second)).toMatchObject({ address: draining, state: 'drain' });
    expect(await bed.request()).toBe(address);
    const port = Number(new URL(bed.haproxy.url('api')).port);
    expect(await bed.proxy.listening!('api')).toMatchObject({ port });
  });

  test('keeps address, port and state when it is killed and started again', async () => {
    bed = await haproxyBed();
    const address = await inTraffic();
    await bed.haproxy.kill();
    await bed.haproxy.restart();
    expect(await serverSeen(bed.proxy, first)).toMatchObject({ address, state: 'ready' });
    expect(await bed.request()).toBe(address);
  });

  test('keeps a new port of a server that the configuration names, and refuses it another host', async () => {
    bed = await haproxyBed({ backends: [{ name: 'api', slots: 1, staticServers: ['server old 127.0.0.1:9 check'] }] });
    const old = { backend: 'api', server: 'old' };
    await bed.proxy.drain(old);
    await expect(bed.proxy.stage(old, '127.0.0.2:9000')).rejects.toMatchObject({ code: 'proxy-refused' });
    const address = await bed.goodAddress();
    await bed.proxy.stage(old, address);
    await bed.haproxy.reload();
    await untilSeen(bed.proxy, old, { address, state: 'drain', check: 'passing' });
  });

  test('leads no chosen client to a draining server, whatever moment a reload comes', async () => {
    bed = await haproxyBed();
    const other = await inTraffic();
    const address = await inTraffic(second);
    for (let round = 0; round < 8; round++) {
      await bed.proxy.weigh([{ ...second, weight: 0, chosen: true }]);
      expect(await bed.request('chosen')).toBe(address);
      const reload = bed.haproxy.reload();
      await sleep(round * 10);
      await bed.proxy.drain(second);
      await reload;
      expect((await serverSeen(bed.proxy, second)).chosen).toBeUndefined();
      for (let count = 0; count < 4; count++) expect(await bed.request('chosen')).toBe(other);
      await bed.proxy.stage(second, address);
      await untilSeen(bed.proxy, second, { check: 'passing' });
      await bed.proxy.admit(second);
    }
  });

  test('drains where the lines that choose clients are written, and not read yet', async () => {
    bed = await haproxyBed({ backends: [{ name: 'api', slots: 3 }] });
    await inTraffic();
    const text = readFileSync(bed.haproxy.configPath, 'utf8');
    const [line] = chosenLines('api', { match: chosenMatch, file: `${bed.haproxy.mapPath}.new` });
    writeFileSync(bed.haproxy.configPath, text.replace('\nbackend api\n', `\nbackend api\n    ${line}\n`));
    expect(await bed.proxy.unchosen!('api', chosenMatch)).toMatch(/^reload HAProxy: it has not read the map/);
    await expect(bed.proxy.weigh([{ ...first, chosen: true }])).rejects.toMatchObject({ code: 'proxy-refused' });
    await bed.proxy.drain(first);
    await bed.proxy.remove(first);
    expect(await serverSeen(bed.proxy, first)).toMatchObject({ state: 'maint' });
  });

  test('counts requests in flight that a reload left with an old worker', async () => {
    bed = await haproxyBed();
    await inTraffic();
    const slow = await bed.slowRequest();
    await untilSeen(bed.proxy, first, { inFlight: 1 });
    await bed.haproxy.reload();
    expect((await workersOf(bed.haproxy.masterSocket)).old).toHaveLength(1);
    expect(await serverSeen(bed.open({ master: undefined }), first)).toMatchObject({ inFlight: 0 });
    expect(await serverSeen(bed.proxy, first)).toMatchObject({ inFlight: 1 });
    expect(await slow.finish()).toBe(200);
    await untilSeen(bed.proxy, first, { inFlight: 0 });
  });

  test('leaves requests of an old worker to the instance they went to', async () => {
    bed = await haproxyBed();
    await inTraffic();
    const slow = await bed.slowRequest();
    await untilSeen(bed.proxy, first, { inFlight: 1 });
    await bed.haproxy.reload();
    await bed.proxy.remove(first);
    await bed.proxy.stage(first, await bed.goodAddress());
    expect(await serverSeen(bed.proxy, first)).toMatchObject({ inFlight: 0 });
    expect(await slow.finish()).toBe(200);
  });

  test('loses no change to a reload that runs beside it', async () => {
    // A long configuration, so that the new worker has read the state file well before it takes the socket over.
    const backends = [
      { name: 'api', slots: 3 },
      { name: 'long', slots: 4_000 },
    ];
    bed = await haproxyBed({ backends });
    await inTraffic();
    for (let round = 0; round < 20; round++) {
      const reloaded = bed.haproxy.reload();
      await sleep(8 * round);
      await bed.proxy.drain(first);
      await reloaded;
      expect(await serverSeen(bed.proxy, first)).toMatchObject({ state: 'drain' });
      await bed.proxy.admit(first);
    }
  });

  test('does not take the last check of the former instance for one of the next', async () => {
    bed = await haproxyBed();
    const slow = await bed.instances.start({ slow: 400 });
    const bad = await bed.badAddress();
    await bed.proxy.stage(first, slow);
    await untilSeen(bed.proxy, first, { check: 'passing' });
    const before = bed.instances.checks(slow);
    await waitFor({ what: 'a check to begin', every: 1, until: () => bed.instances.checks(slow) > before });
    await bed.proxy.remove(first);
    await bed.proxy.stage(first, bad);
    const seen = await untilFailing();
    expect(seen).not.toContain('passing');
    expect(bed.instances.checks(bad)).toBeGreaterThan(0);
  });

  test.each([
    ['when one failed check puts a server down', 1],
    ['when two do', 2],
  ])('does not believe a check of the former instance, %s', async (_what, fall) => {
    bed = await haproxyBed({ options: { backend: [`default-server inter 200ms fall ${fall} rise 1`] } });
    // Slow to fail, so that one can look before the new worker's first check has its result.
    const bad = await bed.instances.start({ ready: 503, slow: 150 });
    for (let round = 0; round < 5; round++) {
      await inTraffic();
      await bed.proxy.remove(first);
      await bed.proxy.stage(first, bad);
      if (round % 2 === 1) await bed.haproxy.reload();
      expect(await untilFailing()).not.toContain('passing');
      await bed.proxy.remove(first);
    }
  });

  test('passes only after as many checks as the backend asks for', async () => {
    bed = await haproxyBed({ options: { backend: ['default-server inter 100ms rise 4'] } });
    const address = await bed.goodAddress();
    await bed.proxy.stage(first, address);
    await untilSeen(bed.proxy, first, { check: 'passing' });
    expect(bed.instances.checks(address)).toBeGreaterThanOrEqual(4);
  });

  test('makes a staged server prove itself again after somebody switched its checks off', async () => {
    bed = await haproxyBed();
    const address = await inTraffic();
    await bed.proxy.drain(first);
    await bed.haproxy.runtime('disable health api/s1');
    expect(await serverSeen(bed.proxy, first)).toMatchObject({ check: 'pending' });
    await bed.proxy.stage(first, address);
    await untilSeen(bed.proxy, first, { address, state: 'drain', check: 'passing' });
  });

  test('says that a backend without checks has none', async () => {
    bed = await haproxyBed({ options: { backend: ['default-server no-check'] } });
    await bed.proxy.stage(first, await bed.goodAddress());
    expect(await serverSeen(bed.proxy, first)).toMatchObject({ state: 'drain', check: 'none' });
  });

  test('takes a connection for a passed check where the backend checks by TCP', async () => {
    bed = await haproxyBed({ options: { backend: ['option tcp-check'] } });
    await bed.proxy.stage(first, await bed.badAddress());
    await untilSeen(bed.proxy, first, { check: 'passing' });
  });

  test('shows a server in traffic as failing once its instance is gone, and gives it to another when it is down', async () => {
    bed = await haproxyBed();
    await inTraffic();
    await bed.instances.stop();
    await untilSeen(bed.proxy, first, { state: 'ready', check: 'failing' });
    const address = await bed.goodAddress();
    const staged = () => bed.proxy.stage(first, address).then(() => true);
    await waitFor({ what: 'HAProxy putting the server down, after two failed checks', until: staged });
    await untilSeen(bed.proxy, first, { address, state: 'drain', check: 'passing' });
  });

  test('says proxy-unreachable when nobody answers, and where', async () => {
    bed = await haproxyBed();
    await bed.haproxy.kill();
    const missing = { code: 'proxy-unreachable', message: expect.stringContaining(bed.haproxy.socketPath) };
    await expect(bed.proxy.observe('api')).rejects.toMatchObject(missing);
    await expect(bed.proxy.drain(first)).rejects.toMatchObject({ code: 'proxy-unreachable' });
    const tcp = bed.open({ socket: `tcp://${bed.haproxy.tcpAddress}`, master: undefined });
    await expect(tcp.observe('api')).rejects.toMatchObject({ code: 'proxy-unreachable' });
    await expect(bed.open({ socket: '/nowhere/admin.sock' }).observe('api')).rejects.toMatchObject({
      code: 'proxy-unreachable',
      hint: expect.stringContaining('stats socket'),
    });
  });

  test('fails a change whose state cannot be written', async () => {
    bed = await haproxyBed();
    const { statePath } = bed.haproxy;
    rmSync(statePath);
    mkdirSync(join(statePath, 'in-the-way'), { recursive: true });
    await expect(bed.proxy.remove(first)).rejects.toMatchObject({
      code: 'proxy-refused',
      message: expect.stringContaining(statePath),
    });
  });

  test('changes nothing where the configuration names no state file', async () => {
    bed = await haproxyBed();
    await inTraffic();
    const bare = join(bed.haproxy.configPath, '..', 'bare.cfg');
    writeFileSync(bare, readFileSync(bed.haproxy.configPath, 'utf8').replace(/^.*server-state-file.*$/m, ''));
    await expect(bed.open({ config: bare }).drain(first)).rejects.toMatchObject({ code: 'proxy-refused' });
    await expect(bed.open({ config: '/nowhere.cfg' }).drain(first)).rejects.toMatchObject({ code: 'proxy-refused' });
    expect(await serverSeen(bed.proxy, first)).toMatchObject({ state: 'ready' });
  });

  test("refuses with HAProxy's own words when the socket may not change anything", async () => {
    const place = `127.0.0.1:${await freePort()}`;
    bed = await haproxyBed({ options: { global: [`stats socket ipv4@${place} level operator`] } });
    const operator = bed.open({ socket: `tcp://${place}` });
    await inTraffic();
    await expect(operator.drain(first)).rejects.toMatchObject({
      code: 'proxy-refused',
      message: 'HAProxy answered "Permission denied" to "set server api/s1 state drain"',
      hint: expect.stringContaining('level admin'),
    });
  });

  test('refuses what is no address, and what is no name', async () => {
    bed = await haproxyBed();
    for (const address of ['127.0.0.1:99999', '127.0.0.1', 'web:80', '127.0.0.1:80;shutdown sessions server api/s1']) {
      await expect(bed.proxy.stage(first, address)).rejects.toMatchObject({ code: 'proxy-refused' });
    }
    await expect(bed.proxy.observe('api;disable server api/s1')).rejects.toMatchObject({ code: 'proxy-refused' });
  });

  async function untilFailing(): Promise<ProxyServer['check'][]> {
    const seen: ProxyServer['check'][] = [];
    await waitFor({
      what: 'a failing check',
      every: 1,
      until: async () => seen[seen.push((await serverSeen(bed.proxy, first)).check) - 1] === 'failing',
    });
    return seen;
  }
});
