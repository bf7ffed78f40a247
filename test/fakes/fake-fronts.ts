import { BelayError } from '../../src/errors';
import type { Fronts } from '../../src/host';
import type { Redirect } from '../../src/hosts/redirect';
import type { Front } from '../../src/model/desired';
import type { Proxy } from '../../src/proxies/proxy';
import { setNames } from '../../src/proxies/sets';
import { type FakeProxy, fakeProxy } from './fake-proxy';

/** Managed proxies in memory, each of one service. A dismissed one holds no connection, and has ended at once. */
export interface FakeFronts extends Fronts {
  /** The verbs of the proxy of this name; it knows no backend before it was ensured. */
  proxy(name: string): Proxy;
  /** Returns the names that exist: `edge of shop/api`, and `edge of shop/api, former` beside it. */
  names(): string[];
  /** Returns the kernel's redirects. */
  led(): Redirect[];
}

interface Unit {
  front: Front;
  /** The front that the present one replaces; both serve. */
  former?: Front;
  verbs: FakeProxy;
}

type Key = Parameters<Fronts['containers']>[0];

export function fakeFronts(): FakeFronts {
  const units = new Map<string, Unit>();
  const redirects = new Map<string, Redirect[]>();
  const nameOf = ({ platform, proxy, service }: Key) => `${proxy} of ${platform}/${service}`;
  const keyOf = ({ platform, front }: { platform: string; front: Front }) =>
    nameOf({ platform, proxy: front.proxy, service: front.routes[0]!.service });
  const verbsOf = (name: string) =>
    [...units].find(([key]) => key.startsWith(`${name} of `))?.[1].verbs ?? absent(name);
  return {
    names: () => [...units].flatMap(([key, { former }]) => (former ? [key, `${key}, former`] : [key])).sort(),
    led: () => [...redirects.values()].flat(),
    proxy: (name) => ({
      stage: (...asked) => verbsOf(name).stage(...asked),
      admit: (ref) => verbsOf(name).admit(ref),
      drain: (ref) => verbsOf(name).drain(ref),
      remove: (ref) => verbsOf(name).remove(ref),
      weigh: (shares) => verbsOf(name).weigh(shares),
      observe: async (backend) => verbsOf(name).observe(backend),
      isSticky: async (backend) => verbsOf(name).isSticky(backend),
      sets: {
        observe: async (key) => verbsOf(name).sets!.observe(key),
        choose: async (...asked) => verbsOf(name).sets!.choose(...asked),
      },
    }),
    async ensure({ platform, front, phase }) {
      const key = keyOf({ platform, front });
      const unit = units.get(key) ?? { front, verbs: verbsFor(front) };
      const changes = shapeOf(unit.front) !== shapeOf(front);
      const former = phase !== 'beside' ? undefined : (unit.former ?? (changes ? unit.front : undefined));
      units.set(key, { verbs: unit.verbs, front, former });
      return { changed: changes ? 'replaced' : 'nothing', ...(former && { former: true as const }) };
    },
    dismiss: async () => undefined,
    leavingSince: async () => [],
    containers: async (asked) =>
      units.has(nameOf(asked)) ? [`${asked.platform}-${asked.proxy}-${asked.service}`] : [],
    remove: async (asked) => void units.delete(nameOf(asked)),
    redirects: {
      possible: async () => true,
      hold: async (asked, wanted) => JSON.stringify(redirects.get(nameOf(asked)) ?? []) === JSON.stringify(wanted),
      seek: async (asked, wanted) => void redirects.set(nameOf(asked), wanted),
    },
  };
}

/** Facts that need another container when they change. */
const shapeOf = ({ image, routes }: Front): string => JSON.stringify([image.digest, routes.map((one) => one.hostPort)]);

function verbsFor({ routes }: Front): FakeProxy {
  const backends = routes.flatMap(({ backend, slots }) =>
    setNames(backend).map((name) => [name, serversOf(slots)] as const),
  );
  const sets = routes.map(({ backend }) => {
    const [live, idle] = setNames(backend);
    return [backend, { live, idle }] as const;
  });
  return fakeProxy({ backends: Object.fromEntries(backends), sets: Object.fromEntries(sets) });
}

const serversOf = (count: number) => Array.from({ length: count }, (_, index) => `s${index + 1}`);

function absent(name: string): never {
  throw new BelayError('proxy-refused', `proxy ${name} is not there`, { hint: 'A release brings it.' });
}
