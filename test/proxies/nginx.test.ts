import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerRef } from '../../src/proxies/proxy';
import { capabilitiesOf } from '../../src/spec/proxies';
import { proxyContract, serverSeen, untilSeen } from '../contracts/proxy-contract';
import { request } from './instances';
import { type NginxBed, nginxBed } from './nginx-bed';

const able = capabilitiesOf({ kind: 'nginx', config: '/c', test: ['t'], reload: ['r'], pid: '/p' });
proxyContract('nginx 1.22', able, () => nginxBed({ version: 'debian' }));
proxyContract('a current nginx', able, () => nginxBed({ version: 'current' }));

const first = { backend: 'api-blue', server: 's1' };
const second = { backend: 'api-blue', server: 's2' };

describe('nginx', () => {
  let bed: NginxBed;
  afterEach(() => bed.cleanup());

  const see = (ref: ServerRef) => serverSeen(bed.proxy, ref);
  const file = () => readFileSync(join(bed.nginx.folder, 'api.servers'), 'utf8');

  async function inTraffic(ref = first): Promise<string> {
    const address = await bed.goodAddress();
    await bed.proxy.stage(ref, address);
    await bed.proxy.admit(ref);
    return address;
  }

  async function answers(): Promise<string[]> {
    const all = await Promise.all(Array.from({ length: 8 }, () => bed.request()));
    return [...new Set(all.map((one) => one ?? 'nobody'))];
  }

  /** Breaks a part of the configuration that is the user's own. Returns what mends it. */
  function breakConfig(): () => void {
    const { configPath } = bed.nginx;
    const text = readFileSync(configPath, 'utf8');
    writeFileSync(configPath, text.replace('http {', 'http {\n  keepalive_tmeout 5s;'));
    return () => writeFileSync(configPath, text);
  }

  /** A reload command that notes each of its runs. Returns the number of runs. */
  function counted() {
    const path = join(bed.nginx.folder, 'reloads');
    writeFileSync(path, '');
    const reload = ['sh', '-c', `echo >> ${path}; exec "$@"`, 'reload', ...bed.nginx.spec.reload];
    return { reload, count: () => readFileSync(path, 'utf8').length };
  }

  test('keeps addresses, states and weights when it is killed and started again', async () => {
    bed = await nginxBed({ version: 'current' });
    const address = await inTraffic();
    const draining = await inTraffic(second);
    await bed.proxy.weigh([{ ...first, weight: 7 }]);
    await bed.proxy.drain(second);
    await bed.nginx.kill();
    await bed.nginx.start();
    expect(await see(first)).toMatchObject({ address, state: 'ready', weight: 7 });
    expect(await see(second)).toMatchObject({ address: draining, state: 'drain', inFlight: 0 });
    expect(await answers()).toEqual([address]);
  });

  test('sends all new requests to the other set by one switch, and back', async () => {
    bed = await nginxBed({ version: 'debian' });
    const { reload, count } = counted();
    const proxy = bed.open({ reload });
    const green = { backend: 'api-green', server: 's1' };
    const old = await inTraffic();
    const next = await bed.goodAddress();
    await proxy.stage(green, next);
    await proxy.admit(green);
    expect(await answers()).toEqual([old]);
    expect(await proxy.sets!.observe('api')).toEqual({ live: 'api-blue', idle: 'api-green' });
    expect(count()).toBe(0);
    await proxy.sets!.choose('api', 'api-green');
    expect(await answers()).toEqual([next]);
    expect(await proxy.sets!.observe('api')).toEqual({ live: 'api-green', idle: 'api-blue' });
    expect(await see(first)).toMatchObject({ state: 'ready', address: old });
    await proxy.sets!.choose('api', 'api-blue');
    expect(await answers()).toEqual([old]);
    expect(count()).toBe(2);
  });

  test('gives a server its share by its weight', async () => {
    bed = await nginxBed({ version: 'debian' });
    const heavy = await inTraffic();
    await inTraffic(second);
    await bed.proxy.weigh([{ ...first, weight: 9 }]);
    const all: Array<string | undefined> = [];
    while (all.length < 200) all.push(...(await Promise.all(Array.from({ length: 10 }, () => bed.request()))));
    // Each of the two workers counts for itself.
    const share = all.filter((one) => one === heavy).length / all.length;
    expect(share).toBeGreaterThan(0.85);
    expect(share).toBeLessThan(0.95);
  });

  test('lets ip_hash keep a client at an instance until it drains', async () => {
    bed = await nginxBed({ version: 'debian', options: { upstream: ['ip_hash;'] } });
    const addresses = [await inTraffic(), await inTraffic(second)];
    const [kept, ...others] = await answers();
    expect(others).toEqual([]);
    const [away, other] = kept === addresses[0] ? [first, addresses[1]!] : [second, addresses[0]!];
    await bed.proxy.drain(away);
    expect(await answers()).toEqual([other]);
  });

  test('serves many changes that come at once by few reloads', async () => {
    bed = await nginxBed({ version: 'current', backends: ['api', 'admin'] });
    const { reload, count } = counted();
    const proxy = bed.open({ reload });
    const refs = ['api-blue', 'admin-blue'].flatMap((backend) =>
      ['s1', 's2', 's3'].map((server) => ({ backend, server })),
    );
    const addresses = await Promise.all(refs.map(() => bed.goodAddress()));
    await Promise.all(refs.map((ref, index) => proxy.stage(ref, addresses[index]!)));
    await Promise.all(refs.map((ref) => proxy.admit(ref)));
    expect(count()).toBeLessThanOrEqual(2);
    expect((await answers()).sort()).toEqual(addresses.slice(0, 3).sort());
    for (const ref of refs) expect(await see(ref)).toMatchObject({ state: 'ready' });
    await Promise.all(refs.map((ref) => proxy.drain(ref)));
    expect(count()).toBeLessThanOrEqual(4);
    expect(await answers()).toEqual(['nobody']);
  });

  test('gives all servers of two backends their shares by one reload', async () => {
    bed = await nginxBed({ version: 'debian', backends: ['api', 'admin'] });
    const { reload, count } = counted();
    const admin = { backend: 'admin-blue', server: 's1' };
    for (const ref of [first, second, admin]) await inTraffic(ref);
    const proxy = bed.open({ reload });
    await proxy.weigh([
      { ...first, weight: 3 },
      { ...second, weight: 5 },
      { ...admin, weight: 7 },
    ]);
    expect(count()).toBe(1);
    expect(await Promise.all([first, second, admin].map(see))).toMatchObject([
      { weight: 3 },
      { weight: 5 },
      { weight: 7 },
    ]);
    expect(file()).toMatch(/ weight=3; # api-blue\/s1\n.* weight=5; # api-blue\/s2\n/);
    await proxy.weigh([first, second, admin]);
    expect(count()).toBe(2);
    expect(file()).not.toContain('weight=');
  });

  test('goes on where it stood when it was killed between a change and its reload', async () => {
    bed = await nginxBed({ version: 'debian' });
    const address = await inTraffic();
    const other = await inTraffic(second);
    const lock = <T>(name: string, act: () => Promise<T>): Promise<T> =>
      name.startsWith('nginx reload') ? Promise.reject(new Error('killed')) : act();
    const dying = bed.open({}, { lock });
    await expect(dying.drain(first)).rejects.toThrow('killed');
    expect(file()).toContain(`\n# drain ${address};`);
    // nginx still sends it requests, so it is no drained one.
    expect(await see(first)).toMatchObject({ address, state: 'ready' });
    expect((await see(first)).inFlight).toBeGreaterThan(0);
    expect((await answers()).sort()).toEqual([address, other].sort());
    await bed.proxy.drain(first);
    expect(await see(first)).toMatchObject({ address, state: 'drain' });
    expect(await answers()).toEqual([other]);
    await expect(dying.admit(first)).rejects.toThrow('killed');
    expect(await see(first)).toMatchObject({ state: 'drain' });
    // Another change brings it along.
    await bed.proxy.weigh([{ ...second, weight: 2 }]);
    expect(await see(first)).toMatchObject({ state: 'ready' });
    expect((await answers()).sort()).toEqual([address, other].sort());
  });

  test('loses no change to a reload that runs beside it', async () => {
    // A long configuration, so that nginx reads on for a while after it has read the servers.
    const http = Array.from({ length: 3_000 }, (_, index) => `upstream other${index} { server 127.0.0.1:9; }`);
    bed = await nginxBed({ version: 'debian', options: { http } });
    // Its test takes no time, so that the change comes while nginx reads.
    const quick = bed.open({ test: ['echo', `# configuration file ${bed.nginx.folder}/api.servers:`] });
    await inTraffic();
    const other = await inTraffic(second);
    for (let round = 0; round < 4; round++) {
      process.kill(bed.nginx.pid(), 'SIGHUP');
      await sleep(20 * round);
      await quick.drain(first);
      expect(await answers()).toEqual([other]);
      await bed.proxy.admit(first);
    }
  });

  test("puts the former servers back when the user's own configuration is broken, with nginx's words", async () => {
    bed = await nginxBed({ version: 'current' });
    const address = await inTraffic();
    const { reload, count } = counted();
    const proxy = bed.open({ reload });
    await proxy.stage(second, await bed.goodAddress());
    const before = file();
    const mend = breakConfig();
    for (const change of [
      () => proxy.drain(first),
      () => proxy.admit(second),
      () => proxy.weigh([{ ...first, weight: 3 }]),
    ]) {
      await expect(change()).rejects.toMatchObject({
        code: 'proxy-refused',
        message: expect.stringMatching(
          /^nginx refuses its .* unknown directive "keepalive_tmeout" in .*nginx.conf:\d+$/,
        ),
        hint: expect.stringContaining('nothing was reloaded'),
      });
    }
    // Where two changes fail together, neither takes the other's failure for its own success.
    const both = await Promise.allSettled([proxy.drain(first), proxy.admit(second)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(file()).toBe(before);
    expect(count()).toBe(0);
    // A way back that needs no reload stays open.
    await proxy.remove(second);
    mend();
    expect(await see(first)).toMatchObject({ address, state: 'ready' });
    await proxy.drain(first);
    expect(await answers()).toEqual(['nobody']);
  });

  test('puts the former servers back when the reload fails', async () => {
    bed = await nginxBed({ version: 'debian' });
    const address = await inTraffic();
    const before = file();
    const barred = bed.open({ reload: ['sh', '-c', 'echo "[error] kill(12, 1) failed" >&2; exit 1'] });
    await expect(barred.drain(first)).rejects.toMatchObject({
      code: 'proxy-refused',
      message: expect.stringContaining('[error] kill(12, 1) failed'),
    });
    expect(file()).toBe(before);
    expect(await answers()).toEqual([address]);
  });

  test('takes nothing for done that nginx has not loaded in time, and reloads again at the next change', async () => {
    bed = await nginxBed({ version: 'debian' });
    const address = await inTraffic();
    const idle = bed.open({ reload: ['true'] }, { within: 200 });
    await expect(idle.drain(first)).rejects.toMatchObject({
      code: 'proxy-refused',
      message: 'nginx has not replaced its workers within 0.2 s of its reload',
      hint: expect.stringContaining('error log'),
    });
    expect(await see(first)).toMatchObject({ address, state: 'ready' });
    const { reload, count } = counted();
    await bed.open({ reload }).admit(first);
    expect(count()).toBe(1);
    await bed.open({ reload }).admit(first);
    expect(count()).toBe(1);
  });

  test('says proxy-unreachable where no nginx runs, also when its workers have outlived it', async () => {
    bed = await nginxBed({ version: 'current' });
    const address = await inTraffic();
    const endWorkers = await bed.nginx.killMaster();
    expect(await answers()).toEqual([address]);
    const missing = { code: 'proxy-unreachable', hint: expect.stringContaining('start nginx') };
    await expect(bed.proxy.observe('api-blue')).rejects.toMatchObject(missing);
    await expect(bed.proxy.drain(first)).rejects.toMatchObject(missing);
    await endWorkers();
    await expect(bed.open({ pid: '/nowhere/nginx.pid' }).observe('api-blue')).rejects.toMatchObject({
      code: 'proxy-unreachable',
      message: "/nowhere/nginx.pid, nginx's pid file, cannot be read (ENOENT)",
    });
    await bed.nginx.start();
    expect(await see(first)).toMatchObject({ address, state: 'ready' });
  });

  test('refuses a list that nginx does not read, a missing one, and a test that prints nothing', async () => {
    bed = await nginxBed({ version: 'debian' });
    const lone = join(bed.nginx.folder, 'lone.servers');
    writeFileSync(lone, '');
    const ref = { backend: 'lone-blue', server: 's1' };
    await bed.proxy.stage(ref, await bed.goodAddress());
    await expect(bed.proxy.admit(ref)).rejects.toMatchObject({
      code: 'proxy-refused',
      message: `nginx does not read ${lone}: its configuration does not include it`,
      hint: `write into its upstream block: include ${lone};`,
    });
    await bed.proxy.stage(first, await bed.goodAddress());
    const mute = bed.open({ test: bed.nginx.spec.test.map((word) => (word === '-T' ? '-t' : word)) });
    await expect(mute.admit(first)).rejects.toMatchObject({ hint: expect.stringContaining('nginx -T') });
    await expect(bed.open({ test: ['/nowhere/nginx'] }).admit(first)).rejects.toMatchObject({
      message: 'there is no program /nowhere/nginx',
    });
    await expect(bed.proxy.observe('other-blue')).rejects.toMatchObject({
      code: 'proxy-refused',
      message: expect.stringContaining('other.servers, the servers of backend other, cannot be read (ENOENT)'),
      hint: expect.stringContaining('belay doctor'),
    });
    await expect(bed.proxy.observe('../api-blue')).rejects.toMatchObject({ code: 'proxy-refused' });
    await expect(bed.proxy.stage(first, 'web:80')).rejects.toMatchObject({ code: 'proxy-refused' });
  });

  describe('workers that a reload left behind', () => {
    /** Shows what is left once idle clients of a worker can send no more. */
    const later = () => bed.open({}, { lingering: 0 });

    test('count until they are gone, and then only while they are connected to the instance', async () => {
      bed = await nginxBed({ version: 'current', backends: ['api', 'other'] });
      await inTraffic();
      await inTraffic({ backend: 'other-blue', server: 's1' });
      const held = bed.instances.held();
      const foreign = request(`${bed.nginx.url('other')}/hold`);
      await held;
      await bed.proxy.drain(first);
      expect((await see(first)).inFlight).toBeGreaterThan(0);
      expect(await serverSeen(later(), first)).toMatchObject({ inFlight: 0 });
      bed.instances.release();
      expect((await foreign).status).toBe(200);
      await untilSeen(bed.proxy, first, { inFlight: 0 });
    });

    test('count while they have a request of the instance, and not for one that came after them', async () => {
      bed = await nginxBed({ version: 'current' });
      await inTraffic();
      const slow = await bed.slowRequest();
      await bed.proxy.drain(first);
      await inTraffic(second);
      await bed.proxy.drain(second);
      const look = later();
      await untilSeen(look, first, { inFlight: 1 });
      expect(await serverSeen(look, second)).toMatchObject({ inFlight: 0 });
      expect(await slow.finish()).toBe(200);
      await untilSeen(look, first, { inFlight: 0 });
    });
  });
});
