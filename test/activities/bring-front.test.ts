import { ensureFront, takeFrontAway } from '../../activities/steps/bring-front';
import type { Turn } from '../../activities/steps/turn';
import type { Fronts } from '../../src/host';
import { LEADS_NOBODY, type Redirect } from '../../src/hosts/redirect';
import type { Front } from '../../src/model/desired';

const route = { service: 'api', backend: 'api', port: 8080, protocol: 'http' as const, networks: {}, slots: 4 };
const frontOf = (more: object): Front => ({
  proxy: 'edge',
  image: { ref: 'haproxy', digest: '', local: true },
  routes: [{ ...route, ...more }],
});
const whole = frontOf({ hostPort: 8080 });
const lent = frontOf({ hostPort: 20100, redirectFrom: 8080 });
const led: Redirect = { port: 8080, to: 20100 };
const text = (redirects: Redirect[]) => redirects.map(({ port, to }) => `${port}>${to}`).join();

interface Scene {
  /** The redirects in place when the step begins. */
  present: Redirect[];
  /** A container with other ports serves. */
  former?: boolean;
  /** Number of looks during which a dismissed container goes on. */
  lasts?: number;
  /** Since when one goes on that an earlier step has dismissed. */
  leaving?: number;
}

/** Returns a front whose redirects are known. `log` has changes of proxy and kernel, and waits, in order. */
function scene({ present, former = true, lasts = 0, leaving }: Scene) {
  const done: string[] = [];
  const abort = new AbortController();
  let [there, isThere, since, looks, inEffect] = [present, former, leaving, lasts, false];
  const fronts: Fronts = {
    async ensure({ phase = 'whole', drain }) {
      done.push(drain === undefined ? phase : `${phase} within ${drain}`);
      return { changed: 'replaced', ...(phase === 'beside' && isThere && { former: true }) };
    },
    async dismiss() {
      done.push('dismissed');
      since ??= Date.now();
    },
    async leavingSince() {
      done.push(inEffect ? 'looked inside an effect' : 'looked');
      if (since !== undefined && looks-- <= 0) since = undefined;
      return since === undefined ? [] : [since];
    },
    containers: async () => [],
    async remove() {
      done.push('removed');
    },
    redirects: {
      possible: async () => true,
      hold: async (_, wanted) => text(wanted) === text(there),
      async seek(_, wanted) {
        done.push(`led ${text(wanted)}`);
        there = wanted;
      },
    },
  };
  const turn = {
    token: { platform: 'shop', service: 'api' },
    say: () => undefined,
    async effect(_: string, act: () => Promise<unknown>) {
      inEffect = true;
      return await act().finally(() => {
        inEffect = false;
      });
    },
    async until(_: number, ask: () => Promise<unknown>) {
      for (;;) {
        abort.signal.throwIfAborted();
        const answer = await ask();
        if (answer !== undefined) return answer;
      }
    },
  } as unknown as Turn;
  return { deps: { fronts }, turn, done, abort, changed: () => done.filter((what) => what !== 'looked') };
}

const nobody = text([LEADS_NOBODY]);

test('takes the port: the next serves, nobody new is led, the former finishes, and only then the kernel forgets', async () => {
  const { deps, turn, changed } = scene({ present: [led] });
  await ensureFront(deps, turn, { front: whole });
  expect(changed()).toEqual(['beside', `led ${nobody}`, 'dismissed', 'whole within 0', 'led ']);
});

test('lends the port: new connections are led before the one that has it ends', async () => {
  const { deps, turn, changed } = scene({ present: [] });
  await ensureFront(deps, turn, { front: lent });
  expect(changed()).toEqual([
    'beside',
    `led ${text([led, LEADS_NOBODY])}`,
    'dismissed',
    'whole within 0',
    `led ${text([led])}`,
  ]);
});

test('changes nothing in the kernel where everything is led as it should be', async () => {
  for (const [present, front] of [
    [[], whole],
    [[led], lent],
  ] as const) {
    const { deps, turn, changed } = scene({ present: [...present] });
    await ensureFront(deps, turn, { front });
    expect(changed()).toEqual(['beside', 'dismissed', 'whole within 0']);
  }
});

test('leads connections anew where the container that they are led to has become another one', async () => {
  const { deps, turn, changed } = scene({ present: [led], former: false });
  const { hold } = deps.fronts.redirects;
  deps.fronts.redirects.hold = async (...asked) => !changed().includes('beside') && (await hold(...asked));
  await ensureFront(deps, turn, { front: lent });
  expect(changed()).toEqual(['beside', `led ${text([led, LEADS_NOBODY])}`, `led ${text([led])}`]);
});

test('leads connections to each of the addresses at which the port is published', async () => {
  const { deps, turn, changed } = scene({ present: [], former: false });
  const seen: Redirect[][] = [];
  deps.fronts.redirects.seek = async (_, wanted) => void seen.push(wanted);
  const addresses = ['127.0.0.1', '::1'];
  await ensureFront(deps, turn, {
    front: frontOf({ hostPort: 20100, redirectFrom: 8080, hostAddress: addresses }),
  });
  expect(seen.at(-1)).toEqual(addresses.map((address) => ({ ...led, address })));
  expect(changed()).toEqual(['beside']);
});

test('has nothing to wait for and to remove where no container takes the place of another', async () => {
  const { deps, turn, changed } = scene({ present: [], former: false });
  await ensureFront(deps, turn, { front: whole });
  expect(changed()).toEqual(['beside']);
});

test('waits for the former outside of any effect, until it has ended', async () => {
  const { deps, turn, done } = scene({ present: [], lasts: 3 });
  await ensureFront(deps, turn, { front: whole });
  expect(done).toEqual(['looked', 'beside', 'dismissed', 'looked', 'looked', 'looked', 'looked', 'whole within 0']);
});

test('gives the former no more than its time', async () => {
  const { deps, turn, done } = scene({ present: [], lasts: Infinity });
  const began = Date.now();
  await ensureFront(deps, turn, { front: whole, drain: 30 });
  expect(Date.now() - began).toBeGreaterThanOrEqual(30);
  expect(done.at(-1)).toBe('whole within 0');
});

test('a cancellation ends the wait, and the former goes on with what it holds', async () => {
  const { deps, turn, abort, changed } = scene({ present: [led], lasts: Infinity });
  deps.fronts.dismiss = async () => abort.abort(new Error('turned'));
  await expect(ensureFront(deps, turn, { front: whole })).rejects.toThrow('turned');
  expect(changed()).toEqual(['beside', `led ${nobody}`]);
});

test('what a step that was ended has left is waited for before its ports are taken', async () => {
  const { deps, turn, done } = scene({ present: [LEADS_NOBODY], lasts: 2, leaving: Date.now() });
  await ensureFront(deps, turn, { front: lent });
  expect(done.slice(0, 4)).toEqual(['looked', 'looked', 'looked', 'beside']);
});

test('what has had its time already is not waited for anew', async () => {
  const { deps, turn, done } = scene({ present: [], lasts: Infinity, leaving: Date.now() - 5_000 });
  await ensureFront(deps, turn, { front: whole, drain: 5_000 });
  expect(done).toEqual(['looked', 'beside', 'dismissed', 'looked', 'whole within 0']);
});

test('goes away only when nobody new is led to it', async () => {
  const { deps, turn, changed } = scene({ present: [led] });
  await takeFrontAway(deps, turn, 'edge');
  expect(changed()).toEqual([`led ${nobody}`, 'removed', 'led ']);
});
