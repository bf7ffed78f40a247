import { BelayError } from '../errors';
import { instanceName } from '../model/instance-name';
import type { ObservedInstance } from '../model/observed';
import type { InstanceRef, Step } from '../model/plan';
import { formerIn } from './fleet';
import { areDone } from './graph';
import { createMoves } from './moves';
import type { ServiceInput } from './plan-release';
import type { Ports } from './ports';
import type { Entry } from './replacement';
import type { Slots } from './slots';

/** Fresh instances of the version before: they serve beside the new ones for a while, and leave again. */
export interface Former {
  /** Returns the steps that bring one more in, once those that make `room` are past. Undefined without a place. */
  enter(options: { room: string[]; weight: number; steps: Step[] }): Step[] | undefined;
  /** Returns the steps that take all of them out, once these are past. */
  leave(needs: string[]): Step[];
  /** In the order of their coming. */
  entries(): Entry[];
}

export function createFormer(input: ServiceInput, { slots, ports }: { slots: Slots; ports: Ports }): Former {
  const { desired, observed } = input;
  const there = createMoves(input, 'forward');
  const entries: Entry[] = [];

  function named(): { instance: Omit<InstanceRef, 'slots' | 'ports'>; fingerprint: string } {
    const { revision, fingerprint } = formerOf(input);
    const nameOf = (instance: number) =>
      instanceName({ platform: input.platform, service: desired.service, revision, instance });
    const known = [...observed.instances, ...(observed.lost ?? []), ...entries.map(({ instance }) => instance)].map(
      ({ name }) => name,
    );
    let number = 1;
    while (known.includes(nameOf(number))) number += 1;
    const name = nameOf(number);
    // Compose would remove an instance beyond those that it expects.
    return { instance: { name, number, revision, uncounted: true }, fingerprint };
  }

  return {
    entries: () => [...entries],
    enter({ room, weight, steps }) {
      const { instance: bare, fingerprint } = named();
      if (!ports.suffice()) return undefined;
      const place = slots.take(desired.routes, bare.name);
      if (!place) return undefined;
      const taken = ports.take();
      const instance: InstanceRef = { ...bare, ports: taken.ports, slots: place.slots };
      const needs = [...new Set([...room, ...taken.needs])];
      const isFree = areDone(place.needs, { by: needs, steps });
      const launch = there.launch(instance, { fingerprint, isFree, baseline: true, needs });
      const probe = there.probe(instance, { needs: [launch.id], own: true });
      const swap = there.enter(instance, { weight, staged: launch.stage, needs: [probe.id, ...place.needs] });
      entries.push({ instance, launched: true, room: needs });
      return [launch, probe, swap];
    },
    leave: (needs) =>
      entries.flatMap(({ instance }) => {
        const name = `former/${instance.name}`;
        const swap = there.leave(instance, { name, needs });
        const drain = there.drain(instance, { needs: [swap.id] });
        return [swap, drain, there.retire(instance, { needs: [drain.id] })];
      }),
  };
}

/** Returns the version that serves. Throws `preflight-failed` if Belay has not launched it. */
function formerOf({ desired, observed }: ServiceInput): ObservedInstance {
  const former = formerIn(desired, observed);
  const isKept = observed.revisions.some(({ number }) => number > 0 && number === former?.revision);
  if (former && isKept && former.fingerprint !== desired.fingerprint) return former;
  throw new BelayError(
    'preflight-failed',
    `${desired.service}: no version that Belay has released serves as a baseline`,
    {
      hint: 'release once with --strategy rolling, or without strategy.baseline',
    },
  );
}
