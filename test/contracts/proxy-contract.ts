import type { Proxy, ProxyServer, ServerRef } from '../../src/proxies/proxy';
import { waitFor } from '../../testbed/wait';

export interface ProxyBed {
  proxy: Proxy;
  /** A backend whose checks are on, with at least two servers in maintenance. */
  backend: string;
  servers: string[];
  /** The address of a new instance that passes the proxy's check. */
  goodAddress(): Promise<string>;
  /** The address of a new instance that answers, and fails the check. */
  badAddress(): Promise<string>;
  /** Begins a request through the proxy, which the instance holds until `finish`; that resolves with its status. */
  slowRequest(): Promise<{ finish(): Promise<number> }>;
  /** One request through the proxy: the address of the instance that answered, or undefined when none did. */
  request(): Promise<string | undefined>;
  cleanup(): Promise<void>;
}

/** What every proxy adapter does, real or fake. */
export function proxyContract(name: string, setup: () => Promise<ProxyBed>): void {
  describe(`${name} keeps the proxy contract`, () => {
    let bed: ProxyBed;
    let first: ServerRef;
    let second: ServerRef;
    beforeEach(async () => {
      bed = await setup();
      [first, second] = bed.servers.map((server) => ({ backend: bed.backend, server })) as [ServerRef, ServerRef];
    });
    afterEach(() => bed.cleanup());

    const see = (ref: ServerRef) => serverSeen(bed.proxy, ref);
    const sees = (ref: ServerRef, wanted: Partial<ProxyServer>) => untilSeen(bed.proxy, ref, wanted);
    const inTraffic = async (ref: ServerRef, address: string) => {
      await bed.proxy.stage(ref, address);
      await sees(ref, { check: 'passing' });
      await bed.proxy.admit(ref);
      return address;
    };

    test('shows the servers of a backend in order, free ones in maintenance', async () => {
      const seen = await bed.proxy.observe(bed.backend);
      expect(seen.map(({ server }) => server)).toEqual(bed.servers);
      expect(seen.every(({ state, inFlight }) => state === 'maint' && inFlight === 0)).toBe(true);
    });

    test('admits through drain: staged it passes checks without traffic, admitted it answers', async () => {
      const address = await bed.goodAddress();
      await bed.proxy.stage(first, address);
      await sees(first, { address, state: 'drain', check: 'passing' });
      expect(await bed.request()).toBeUndefined();
      await bed.proxy.admit(first);
      expect(await see(first)).toMatchObject({ address, state: 'ready', check: 'passing' });
      expect(await bed.request()).toBe(address);
    });

    test('gives new requests to the other server once one drains', async () => {
      await inTraffic(first, await bed.goodAddress());
      const other = await inTraffic(second, await bed.goodAddress());
      await bed.proxy.drain(first);
      expect(await see(first)).toMatchObject({ state: 'drain' });
      for (let count = 0; count < 5; count++) expect(await bed.request()).toBe(other);
    });

    test('counts a slow request in flight through a drain, and lets it end', async () => {
      await inTraffic(first, await bed.goodAddress());
      const slow = await bed.slowRequest();
      await sees(first, { inFlight: 1 });
      await bed.proxy.drain(first);
      expect(await see(first)).toMatchObject({ state: 'drain', inFlight: 1 });
      expect(await slow.finish()).toBe(200);
      await sees(first, { inFlight: 0 });
    });

    test('takes a removed server out of traffic and gives it to another instance', async () => {
      await inTraffic(first, await bed.goodAddress());
      await bed.proxy.drain(first);
      await bed.proxy.remove(first);
      expect(await see(first)).toMatchObject({ state: 'maint' });
      expect(await bed.request()).toBeUndefined();
      const next = await inTraffic(first, await bed.goodAddress());
      expect(await bed.request()).toBe(next);
    });

    test('keeps a server in traffic when it is staged and admitted again', async () => {
      const address = await inTraffic(first, await bed.goodAddress());
      await bed.proxy.stage(first, address);
      expect(await see(first)).toMatchObject({ address, state: 'ready', check: 'passing' });
      await bed.proxy.admit(first);
      expect(await bed.request()).toBe(address);
    });

    test('gives a server another weight, and its own again when it is removed', async () => {
      await inTraffic(first, await bed.goodAddress());
      for (const weight of [20, 20, 256]) {
        await bed.proxy.weigh(first, weight);
        expect(await see(first)).toMatchObject({ weight, state: 'ready' });
      }
      await bed.proxy.weigh(first);
      expect((await see(first)).weight).toBeUndefined();
      await bed.proxy.weigh(first, 7);
      await bed.proxy.drain(first);
      await bed.proxy.remove(first);
      expect((await see(first)).weight).toBeUndefined();
    });

    test('seeks a state: every verb may be called again', async () => {
      const address = await bed.goodAddress();
      await bed.proxy.stage(first, address);
      await bed.proxy.stage(first, address);
      await sees(first, { address, state: 'drain', check: 'passing' });
      for (const [verb, state] of [
        ['admit', 'ready'],
        ['drain', 'drain'],
        ['remove', 'maint'],
      ] as const) {
        await bed.proxy[verb](first);
        await bed.proxy[verb](first);
        expect(await see(first)).toMatchObject({ state });
      }
    });

    test('leaves a server in maintenance when it is drained', async () => {
      await bed.proxy.drain(first);
      expect(await see(first)).toMatchObject({ state: 'maint' });
    });

    test('brings a draining server back into traffic at its address', async () => {
      const address = await inTraffic(first, await bed.goodAddress());
      await bed.proxy.drain(first);
      await bed.proxy.stage(first, address);
      await sees(first, { check: 'passing' });
      await bed.proxy.admit(first);
      expect(await bed.request()).toBe(address);
    });

    test('never says passing of a failing instance that follows a passing one', async () => {
      const bad = await bed.badAddress();
      await inTraffic(first, await bed.goodAddress());
      await bed.proxy.drain(first);
      await bed.proxy.remove(first);
      await bed.proxy.stage(first, bad);
      const seen: ProxyServer[] = [];
      await waitFor({
        what: 'a failing check',
        every: 1,
        until: async () => seen[seen.push(await see(first)) - 1]?.check === 'failing',
      });
      expect(seen.filter(({ check }) => check === 'passing')).toEqual([]);
    });

    test('refuses to give a server in traffic another address', async () => {
      const address = await inTraffic(first, await bed.goodAddress());
      await expect(bed.proxy.stage(first, await bed.goodAddress())).rejects.toMatchObject({ code: 'proxy-refused' });
      expect(await see(first)).toMatchObject({ address, state: 'ready' });
    });

    test('refuses to give a draining server another address while it holds requests', async () => {
      const address = await inTraffic(first, await bed.goodAddress());
      const slow = await bed.slowRequest();
      await sees(first, { inFlight: 1 });
      await bed.proxy.drain(first);
      await expect(bed.proxy.stage(first, await bed.goodAddress())).rejects.toMatchObject({ code: 'proxy-refused' });
      expect(await see(first)).toMatchObject({ address, state: 'drain' });
      expect(await slow.finish()).toBe(200);
    });

    test('refuses to admit a server that was not staged', async () => {
      await expect(bed.proxy.admit(first)).rejects.toMatchObject({ code: 'proxy-refused' });
      expect(await see(first)).toMatchObject({ state: 'maint' });
    });

    test('refuses an unknown backend and an unknown server, with a hint', async () => {
      const refusal = { code: 'proxy-refused', hint: expect.any(String) };
      await expect(bed.proxy.observe('nobody')).rejects.toMatchObject(refusal);
      for (const ref of [
        { ...first, backend: 'nobody' },
        { ...first, server: 'nobody' },
      ]) {
        await expect(bed.proxy.stage(ref, await bed.goodAddress())).rejects.toMatchObject(refusal);
        await expect(bed.proxy.admit(ref)).rejects.toMatchObject(refusal);
        await expect(bed.proxy.drain(ref)).rejects.toMatchObject(refusal);
        await expect(bed.proxy.remove(ref)).rejects.toMatchObject(refusal);
      }
    });
  });
}

/** One server as the proxy shows it. */
export async function serverSeen(proxy: Proxy, { backend, server }: ServerRef): Promise<ProxyServer> {
  const found = (await proxy.observe(backend)).find((one) => one.server === server);
  if (!found) throw new Error(`no server ${backend}/${server}`);
  return found;
}

/** Waits until the proxy shows the server so. */
export async function untilSeen(proxy: Proxy, ref: ServerRef, wanted: Partial<ProxyServer>): Promise<void> {
  const keys = Object.keys(wanted) as (keyof ProxyServer)[];
  await waitFor({
    what: `${ref.backend}/${ref.server} with ${JSON.stringify(wanted)}`,
    every: 10,
    until: async () => {
      const seen = await serverSeen(proxy, ref);
      return keys.every((key) => seen[key] === wanted[key]);
    },
  });
}
