import { bringFront, takeFrontAway } from '../../activities/bring-front';
import type { Fronts } from '../../activities/deps';
import type { Turn } from '../../activities/turn';
import { LEADS_NOBODY, type Redirect } from '../../src/hosts/redirect';
import type { Front } from '../../src/spec/desired';

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

/** Where these connections are led now: what is done to proxy and kernel, in order. */
function scene(present: Redirect[]) {
  const done: string[] = [];
  let there = present;
  const fronts: Fronts = {
    async ensure({ phase = 'whole' }) {
      done.push(phase);
      return { changed: 'replaced' };
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
  const token = { platform: 'shop', service: 'api' };
  const turn = { token, effect: (_: string, act: () => Promise<unknown>) => act() } as unknown as Turn;
  return { deps: { fronts }, turn, done };
}

const nobody = text([LEADS_NOBODY]);

test('takes the port: the next serves, nobody new is led, the former finishes, and only then the kernel forgets', async () => {
  const { deps, turn, done } = scene([led]);
  await bringFront(deps, turn, { front: whole });
  expect(done).toEqual(['beside', `led ${nobody}`, 'whole', 'led ']);
});

test('lends the port: new connections are led before the one that has it ends', async () => {
  const { deps, turn, done } = scene([]);
  await bringFront(deps, turn, { front: lent });
  expect(done).toEqual(['beside', `led ${text([led, LEADS_NOBODY])}`, 'whole', `led ${text([led])}`]);
});

test('changes nothing in the kernel where everything is led as it should be', async () => {
  for (const [present, front] of [
    [[], whole],
    [[led], lent],
  ] as const) {
    const { deps, turn, done } = scene([...present]);
    await bringFront(deps, turn, { front });
    expect(done).toEqual(['whole']);
  }
});

test('goes away only when nobody new is led to it', async () => {
  const { deps, turn, done } = scene([led]);
  await takeFrontAway(deps, turn, 'edge');
  expect(done).toEqual([`led ${nobody}`, 'removed', 'led ']);
});
