import { BelayError } from '../../src/errors';
import type { Deps, StepInput, StepResult } from '../../src/host';
import type { InstanceRef, SwapStep } from '../../src/model/plan';
import { type Place, type Proxies, placesOf, proxiesOf, slotsOf } from '../../src/observe/proxies';
import type { ServerRef, Share } from '../../src/proxies/proxy';
import { running } from './probe';
import { type Turn, takeTurn } from './turn';

const poll = 50;
/** Longest time for the proxy's own checks to pass, in milliseconds. */
const patience = 20_000;

/**
 * Puts the new instance in traffic on all of its routes, and only then drains the old one. It is admitted through
 * drain: the proxy's own check of the new address passes before the first request.
 */
export const swap =
  (deps: Deps) =>
  (input: StepInput<SwapStep>): Promise<StepResult> =>
    takeTurn(deps, input, async (turn) => {
      const open = proxiesOf(deps, input);
      const { enter, leave, weight, chosen, staged } = input.step;
      if (enter) await admit(deps, turn, { open, instance: enter, weight, chosen, staged });
      for (const place of leave ? await placesOf(open, leave) : []) await takeNoMore(turn, place);
      return {};
    });

/** Ensures that the place takes no new requests. */
export async function takeNoMore(turn: Turn, { server, proxy, slot }: Place): Promise<void> {
  if (server.state === 'ready') await turn.effect('swap.drain', () => proxy.drain(slot));
}

interface Entering {
  open: Proxies;
  instance: InstanceRef;
  weight?: number;
  /** Chosen clients go there once it is admitted. */
  chosen?: true;
  /** The launch has already pointed the servers at it. */
  staged?: true;
}

/** Puts the instance in traffic at all of its places. Throws `proxy-refused` if the proxy's own checks do not pass. */
export async function admit(
  deps: Deps,
  turn: Turn,
  { open, instance, weight, chosen, staged }: Entering,
): Promise<void> {
  await running(deps, turn, instance);
  const places = await slotsOf(open, instance);
  for (const place of places.filter((one) => !isIn(one) && !(staged && isChecked(one)))) {
    await turn.effect('swap.stage', () => place.proxy.stage(place.slot, place.address));
  }
  for (const place of places) if (place.server.weight !== weight) await weigh(turn, place, { weight });
  await passing(turn, open, instance);
  for (const { proxy, slot } of places) await turn.effect('swap.admit', () => proxy.admit(slot));
  await passing(turn, open, instance);
  if (chosen) for (const place of places) await weigh(turn, place, { weight, chosen });
}

const weigh = (turn: Turn, { proxy, slot: { backend, server } }: Place, share: Omit<Share, keyof ServerRef>) =>
  turn.effect('swap.weigh', () => proxy.weigh([{ backend, server, ...share }]));

const isIn = ({ server, address }: Place): boolean => server.address === address && server.state === 'ready';
/** A failing check counts too: the proxy repeats it until it passes. */
const isChecked = ({ server: { address: at, state, check }, address }: Place): boolean =>
  at === address && state === 'drain' && (check === 'passing' || check === 'failing');

/**
 * Waits until all servers of the instances pass the checks of proxies that check. Throws `proxy-refused` past the
 * limit.
 */
export async function passing(turn: Turn, open: Proxies, ...instances: InstanceRef[]): Promise<void> {
  const began = Date.now();
  await turn.until(poll, async () => {
    const places = await placesOf(open, ...instances);
    const ofIt = (instance: InstanceRef) => places.filter((one) => one.instance === instance);
    const isPassing = ({ server, capabilities }: Place) => !capabilities.checks || server.check === 'passing';
    const waiting = instances.find((one) => ofIt(one).filter(isPassing).length < one.slots.length);
    if (!waiting) return true;
    turn.say(`waits for the proxy's own check of ${waiting.name}`);
    if (Date.now() - began > patience)
      throw notPassing(
        waiting,
        ofIt(waiting).find((one) => !isPassing(one)),
      );
    return undefined;
  });
}

function notPassing({ name }: InstanceRef, place?: Place): BelayError {
  const where = place ? `${place.slot.backend}/${place.slot.server} at ${place.address}` : 'one of its servers';
  return new BelayError(
    'proxy-refused',
    `the proxy's own check of ${name} (${where}) did not pass within ${patience / 1000} s`,
    {
      hint: `the instance is ready by health.ready, so the check of the proxy differs: see the backend's option httpchk, and the route's port (${place?.slot.port ?? 'unknown'})`,
    },
  );
}
