import type { ObservedInstance } from '../../model/observed';
import type { Step } from '../../model/plan';
import { isRouted, refOf, withoutServers } from '../fleet';
import { createMoves } from '../moves';
import type { ServiceInput } from '../plan-release';
import type { Entry } from './in-place';

interface Done {
  entries: Entry[];
  /** Serving instances that left without another in their place. */
  out: ObservedInstance[];
  /** Returns the instances that took the servers of an instance. */
  takers(instance: string): string[];
}

/** Returns the mirror of an in-place release: each former instance starts in the place of the new one, the last first. */
export function undoInPlace(input: ServiceInput, { entries, out, takers }: Done): Step[] {
  const routed = isRouted(input.desired, input.observed);
  const there = createMoves(input, 'forward');
  const back = createMoves(input, 'undo');
  const [last, came] = routed ? (['swap', 'swap'] as const) : (['probe', 'launch'] as const);
  let later: string[] = [];
  const revived = out.flatMap(revive);
  later = out.map(({ name }) => back.id(last, name));
  return [...revived, ...[...entries].reverse().flatMap(withdraw)];

  function revive(one: ObservedInstance): Step[] {
    const undoes = there.id('retire', one.name);
    const launch = back.launch(refOf(one), { fingerprint: one.fingerprint, isFree: true, undoes, needs: [] });
    const probe = back.probe(refOf(one), { undoes, needs: [launch.id] });
    return [launch, probe, ...readmit(one, there.id('swap', one.name))];
  }

  function readmit(one: ObservedInstance, undoes: string): Step[] {
    if (!routed) return [];
    const needs = [back.id('probe', one.name), ...takers(one.name).map((taker) => back.id('drain', taker))];
    return [back.readmit(one, { undoes, needs: [...new Set(needs)] })];
  }

  function withdraw({ instance, launched, over }: Entry): Step[] {
    const { name } = instance;
    const begun = there.id(launched ? 'launch' : 'probe', name);
    const left = routed
      ? [
          back.leave(instance, { undoes: there.id(came, name), needs: later }),
          back.drain(instance, {
            undoes: launched ? begun : there.id('swap', name),
            needs: [back.id('swap', name)],
          }),
        ]
      : [];
    const needs = routed ? [back.id('drain', name)] : later;
    const served = over && isServing(over) ? over : undefined;
    const returned = served ? restart(served, { undoes: begun, needs }) : [];
    const stop = launched
      ? [
          back.retire(withoutServers(instance), {
            undoes: begun,
            needs: returned.length > 0 ? [back.id('probe', served!.name)] : needs,
          }),
        ]
      : [];
    later = served ? [back.id(last, served.name)] : [...needs, ...stop.map(({ id }) => id)];
    return [...left, ...returned, ...stop];
  }

  /** Its launch ends the new one, whose place it takes. */
  function restart(one: ObservedInstance, { undoes, needs }: { undoes: string; needs: string[] }): Step[] {
    const ref = refOf(one);
    const launch = back.launch(ref, { fingerprint: one.fingerprint, isFree: false, undoes, needs });
    const probe = back.probe(ref, { undoes, needs: [launch.id] });
    return [launch, probe, ...readmit(one, there.id('swap', one.name))];
  }
}

const isServing = ({ traffic, state }: ObservedInstance): boolean => state === 'running' && traffic === 'in';
