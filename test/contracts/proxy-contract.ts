import type { Proxy, ProxyServer, ServerRef } from '../../src/proxies/proxy';
import type { ProxyCapabilities } from '../../src/spec/proxies';
import { waitFor } from '../../testbed/wait';

export interface ProxyBed {
  proxy: Proxy;
  /** A backend with room for two servers and more, its checks on if the proxy has any. None is in traffic. */
  backend: string;
  servers: string[];
  /** The address of a new instance that passes a check. */
  goodAddress(): Promise<string>;
  /** The address of a new instance that answers, and fails the check. */
  badAddress(): Promise<string>;
  /** Begins a request through the proxy, which the instance holds until `finish`; that resolves with its status. */
  slowRequest(): Promise<{ finish(): Promise<number> }>;
  /**
   * Sends one request through the proxy, by default of a client that nobody chose. Returns the address of the answering instance, or undefined without an answer.
   */
  request(client?: 'chosen'): Promise<string | undefined>;
  cleanup(): Promise<void>;
}

/** Tests the behaviour of every proxy adapter, real or fake, as far as its capabilities go. */
export function proxyContract(name: string, able: ProxyCapabilities, setup: () => Promise<ProxyBed>): void {
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
    const isOut = async ({ backend, server }: ServerRef) => {
      const found = (await bed.proxy.observe(backend)).find((one) => one.server === server);
      return able.places === 'open' ? found === undefined : found?.state === 'maint';
    };
    const checked = able.checks ? ({ check: 'passing' } as const) : {};
    const staged = { state: 'drain', ...checked } as const;
    const serving = { state: 'ready', ...checked } as const;
    const sees = (ref: ServerRef, wanted: Partial<ProxyServer>) => untilSeen(bed.proxy, ref, wanted);
    const inTraffic = async (ref: ServerRef, address: string) => {
      await bed.proxy.stage(ref, address);
      await sees(ref, staged);
      await bed.proxy.admit(ref);
      return address;
    };

    test(`shows the servers of a backend${able.places === 'open' ? ' that lead somewhere' : ' in order, free ones in maintenance'}`, async () => {
      const seen = await bed.proxy.observe(bed.backend);
      expect(seen.map(({ server }) => server)).toEqual(able.places === 'open' ? [] : bed.servers);
      expect(seen.every(({ state, inFlight }) => state === 'maint' && inFlight === 0)).toBe(true);
    });

    test('admits through drain: staged it takes no traffic, admitted it answers', async () => {
      const address = await bed.goodAddress();
      await bed.proxy.stage(first, address);
      await sees(first, { address, ...staged });
      expect(await bed.request()).toBeUndefined();
      await bed.proxy.admit(first);
      expect(await see(first)).toMatchObject({ address, ...serving });
      expect(await bed.request()).toBe(address);
    });

    test('gives new requests to the other server once one drains', async () => {
      await inTraffic(first, await bed.goodAddress());
      const other = await inTraffic(second, await bed.goodAddress());
      await bed.proxy.drain(first);
      expect(await see(first)).toMatchObject({ state: 'drain' });
      for (let count = 0; count < 5; count++) expect(await bed.request()).toBe(other);
    });

    const drained = {
      counted: 'counts a slow request in flight through a drain, and lets it end',
      workers: 'shows through a drain that a worker may hold a slow request, and lets it end',
      unknown: 'lets a slow request go on through a drain, and end',
    };
    test(drained[able.inFlight], async () => {
      await inTraffic(first, await bed.goodAddress());
      const slow = await bed.slowRequest();
      const some = { counted: 1, workers: expect.any(Number), unknown: undefined }[able.inFlight];
      if (able.inFlight === 'counted') await sees(first, { inFlight: 1 });
      await bed.proxy.drain(first);
      for (let look = 0; look < 3; look++) {
        const seen = await see(first);
        expect(seen).toMatchObject({ state: 'drain', ...(some && { inFlight: some }) });
        expect(seen.inFlight).not.toBe(0);
      }
      expect(await slow.finish()).toBe(200);
      if (able.inFlight !== 'unknown') await sees(first, { inFlight: 0 });
    });

    test('takes a removed server out of traffic and gives it to another instance', async () => {
      await inTraffic(first, await bed.goodAddress());
      await bed.proxy.drain(first);
      await bed.proxy.remove(first);
      expect(await isOut(first)).toBe(true);
      expect(await bed.request()).toBeUndefined();
      const next = await inTraffic(first, await bed.goodAddress());
      expect(await bed.request()).toBe(next);
    });

    test('keeps a server in traffic when it is staged and admitted again', async () => {
      const address = await inTraffic(first, await bed.goodAddress());
      await bed.proxy.stage(first, address);
      expect(await see(first)).toMatchObject({ address, ...serving });
      await bed.proxy.admit(first);
      expect(await bed.request()).toBe(address);
    });

    const weighed = 'gives a server another weight, and its own again when it is removed';
    const { heaviest } = able;
    if (heaviest !== undefined)
      test(weighed, async () => {
        await inTraffic(first, await bed.goodAddress());
        for (const weight of [2, 2, heaviest]) {
          await bed.proxy.weigh([{ ...first, weight }]);
          expect(await see(first)).toMatchObject({ weight, state: 'ready' });
        }
        await bed.proxy.weigh([first]);
        expect((await see(first)).weight).toBeUndefined();
        await bed.proxy.weigh([{ ...first, weight: 7 }]);
        await bed.proxy.drain(first);
        await bed.proxy.remove(first);
        await bed.proxy.stage(first, await bed.goodAddress());
        expect((await see(first)).weight).toBeUndefined();
      });

    if (able.chooses) {
      test('leads chosen clients alone to a server of weight 0, and nobody once it drains', async () => {
        const canary = await inTraffic(first, await bed.goodAddress());
        const other = await inTraffic(second, await bed.goodAddress());
        const answers = async (client?: 'chosen') => [await bed.request(client), await bed.request(client)];
        for (let times = 0; times < 2; times++) await bed.proxy.weigh([{ ...first, weight: 0, chosen: true }]);
        expect(await see(first)).toMatchObject({ weight: 0, chosen: true, ...serving });
        expect(await answers('chosen')).toEqual([canary, canary]);
        expect(await answers()).toEqual([other, other]);
        await bed.proxy.drain(first);
        expect((await see(first)).chosen).toBeUndefined();
        expect(await answers('chosen')).toEqual([other, other]);
      });

      test('leads chosen clients to several servers, and to none that is out of traffic', async () => {
        const canary = await inTraffic(first, await bed.goodAddress());
        await inTraffic(second, await bed.goodAddress());
        const [, , name] = bed.servers;
        const third = { backend: bed.backend, server: name! };
        await bed.proxy.weigh([first, second, third].map((one) => ({ ...one, chosen: true as const })));
        const chosen = async () =>
          (await bed.proxy.observe(bed.backend)).flatMap((one) => (one.chosen ? [one.server] : []));
        expect(await chosen()).toEqual([first.server, second.server]);
        await bed.proxy.weigh([{ ...second }]);
        expect(await chosen()).toEqual([first.server]);
        for (let count = 0; count < 4; count++) expect(await bed.request('chosen')).toBe(canary);
        await bed.proxy.remove(first);
        expect(await chosen()).toEqual([]);
      });
    }

    test('seeks a state: every verb may be called again', async () => {
      const address = await bed.goodAddress();
      await bed.proxy.stage(first, address);
      await bed.proxy.stage(first, address);
      await sees(first, { address, ...staged });
      for (const [verb, state] of [
        ['admit', 'ready'],
        ['drain', 'drain'],
      ] as const) {
        await bed.proxy[verb](first);
        await bed.proxy[verb](first);
        expect(await see(first)).toMatchObject({ state });
      }
      await bed.proxy.remove(first);
      await bed.proxy.remove(first);
      expect(await isOut(first)).toBe(true);
    });

    test('leaves a server out of traffic when it is drained', async () => {
      await bed.proxy.drain(first);
      expect(await isOut(first)).toBe(true);
    });

    test('brings a draining server back into traffic at its address', async () => {
      const address = await inTraffic(first, await bed.goodAddress());
      await bed.proxy.drain(first);
      await bed.proxy.stage(first, address);
      await sees(first, staged);
      await bed.proxy.admit(first);
      expect(await bed.request()).toBe(address);
    });

    if (able.checks)
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

    const busy = 'refuses to give a draining server another address while it holds requests';
    if (able.inFlight === 'counted')
      test(busy, async () => {
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
      expect(await isOut(first)).toBe(true);
    });

    const unknown = 'refuses an unknown backend and an unknown server, with a hint';
    if (able.places === 'fixed')
      test(unknown, async () => {
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
