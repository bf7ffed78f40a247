import { BelayError } from '../errors';
import type { DesiredRoute, DesiredService } from '../model/desired';
import type { Slot } from '../model/observed';
import { strategyKind } from '../spec/strategies';

interface FreeSlot {
  slot: Slot;
  /** The instance that holds the slot, and the step that frees it. */
  from?: { instance: string; step: string };
}

export interface Slots {
  /** Returns the routes without a slot, now or later. */
  missing(routes: DesiredRoute[]): DesiredRoute[];
  /** Returns one slot for each route, with the steps that free them; undefined if there are too few. */
  take(routes: DesiredRoute[], holder: string): { slots: Slot[]; needs: string[] } | undefined;
  free(slots: Slot[], from: { instance: string; step: string }): void;
  /** Returns the instances that took the slots of an instance. */
  takers(instance: string): string[];
}

export const leadsTo =
  ({ proxy, backend }: DesiredRoute) =>
  (slot: Pick<Slot, 'proxy' | 'backend'>): boolean =>
    slot.proxy === proxy && slot.backend === backend;
const same = (route: DesiredRoute) => (entry: FreeSlot) => leadsTo(route)(entry.slot);

/** Returns the free servers of a service's backends, handed out first come first served. */
export function createSlots(initial: Slot[]): Slots {
  const entries: FreeSlot[] = initial.map((slot) => ({ slot }));
  const taken = new Map<string, string[]>();
  const missing: Slots['missing'] = (routes) => routes.filter((route) => !entries.some(same(route)));
  return {
    missing,
    take(routes, holder) {
      if (missing(routes).length > 0) return undefined;
      const chosen = routes.map((route) => ({ route, entry: entries.splice(entries.findIndex(same(route)), 1)[0]! }));
      for (const { entry } of chosen) {
        if (entry.from) taken.set(entry.from.instance, [...(taken.get(entry.from.instance) ?? []), holder]);
      }
      return {
        slots: chosen.map(({ route, entry }) => ({ ...entry.slot, port: route.port })),
        needs: chosen.flatMap(({ entry }) => (entry.from ? [entry.from.step] : [])),
      };
    },
    free(slots, from) {
      entries.push(...slots.map((slot) => ({ slot, from })));
    },
    takers: (instance) => taken.get(instance) ?? [],
  };
}

const lines = 'add servers to the backend (belay doctor prints the lines)';

/** Returns the error for a backend with too few server lines. */
export function tooFewSlots({ service, strategy }: DesiredService, routes: DesiredRoute[]): BelayError {
  const backends = [...new Set(routes.map((route) => `${route.proxy}/${route.backend}`))].join(', ');
  return new BelayError(
    'preflight-failed',
    `${service}: every server of backend ${backends} is in use; the next instance finds no place`,
    { hint: strategyKind(strategy.kind).remedy(lines) },
  );
}
