import type { DesiredService } from '../model/desired';
import type { DrainStep, InstanceRef, LaunchStep, ProbeStep, RetireStep, Step, SwapStep } from '../model/plan';
import { isRemoval } from '../model/task';
import { unaskedPorts } from './fleet';
import { stepId, stepMaker, type Way } from './graph';
import { isLedPast } from './lending';
import type { ServiceInput } from './plan-release';
import { isSticky } from './sticky';

/** What a move needs before it; on the way back also the step that it undoes. */
interface Order {
  needs: string[];
  undoes?: string;
}

/** The steps of which every strategy is made, there and back; each is about one instance. */
export interface Moves {
  /** `isFree`: by then nobody else has its servers. */
  launch(instance: InstanceRef, order: Order & { fingerprint: string; isFree: boolean }): LaunchStep;
  probe(instance: InstanceRef, order: Order): ProbeStep;
  /** Smoke tests of a new instance out of traffic. */
  smokes(instance: InstanceRef, order: Order): Step[];
  enter(instance: InstanceRef, order: Order & { replaces?: InstanceRef; weight?: number; staged?: true }): SwapStep;
  leave(instance: InstanceRef, order: Order): SwapStep;
  drain(instance: InstanceRef, order: Order): DrainStep;
  retire(instance: InstanceRef, order: Order): RetireStep;
  /** Out of traffic where a server leads to it, drained, and stopped. */
  takeOut(instance: InstanceRef, order: Pick<Order, 'needs'>): Step[];
  /** The step's id, whether it is there or not. */
  id(kind: Step['kind'], name?: string): string;
}

type Context = Pick<ServiceInput, 'desired' | 'observed' | 'host' | 'epoch' | 'lending'>;

/**
 * When Compose's own container stops, a proxy of Belay's answers to the names by which clients find it. Without the kernel's
 * rules some still come to its port of the host, where nobody else is.
 */
const isAnswered = ({ desired, lending }: Context, { revision }: InstanceRef): boolean =>
  revision === 0 && desired.fronts !== undefined && !isRemoval(desired) && lending?.redirected !== false;

/** The moves of one service; nobody is waited for on the way back, and nothing new is tested. */
export function createMoves(input: Context, way: Way): Moves {
  const { desired, observed } = input;
  const make = stepMaker(input, way);
  /** As the instance's own revision says: an old one is checked and stopped as it was meant to be. */
  const own = ({ revision }: InstanceRef): DesiredService | undefined =>
    observed.revisions.find((one) => one.number === revision)?.desired;
  const moves: Moves = {
    launch(instance, { isFree, ...order }) {
      // Whoever asks the port of one that is led past reaches the proxy, and would find that one healthy.
      // A server that leads to a port of Compose's choice, where nobody ever came to be, would be nobody's afterwards.
      const isOurs = instance.revision > 0 && instance.slots.length > 0;
      const isStaged = isOurs && isFree && !isLedPast(input.lending, instance);
      const stage = isStaged && { stage: true as const };
      return make('launch', { name: instance.name, instance, ...stage, ...order });
    },
    probe(instance, order) {
      const of = (way === 'undo' && own(instance)) || desired;
      const ports = unaskedPorts(of);
      const direct = isLedPast(input.lending, instance) && { direct: true as const };
      return make('probe', { name: instance.name, instance, check: of.ready, ports, ...direct, ...order });
    },
    smokes: (instance, order) =>
      desired.validate
        .filter((smoke) => smoke.when.includes('before'))
        .map((smoke) =>
          make('validate', {
            name: `before/${smoke.name}`,
            title: smoke.name,
            instances: [instance],
            smoke,
            ...order,
          }),
        ),
    enter: (instance, { replaces, ...order }) =>
      make('swap', { name: instance.name, enter: instance, leave: replaces, ...order }),
    leave: (instance, order) => make('swap', { name: instance.name, leave: instance, ...order }),
    drain(instance, order) {
      const { deadline, at_deadline } = desired.drain;
      const policy = way === 'undo' ? 'proceed' : at_deadline;
      const sticky = isSticky(desired) && { sticky: true as const };
      const leaders = [...new Set([...(own(instance)?.leaders ?? []), ...(desired.leaders ?? [])])];
      return make('drain', {
        name: instance.name,
        instance,
        deadline,
        at_deadline: policy,
        ...(leaders.length > 0 && { leaders }),
        ...sticky,
        ...order,
      });
    },
    retire(instance, order) {
      const stop = (own(instance) ?? desired).stop;
      const named = isAnswered(input, instance) && { named: true as const };
      return make('retire', { name: instance.name, instance, stop, ...named, ...order });
    },
    takeOut(instance, { needs }) {
      if (instance.slots.length === 0) return [moves.retire(instance, { needs })];
      const swap = moves.leave(instance, { needs });
      const drain = moves.drain(instance, { needs: [swap.id] });
      return [swap, drain, moves.retire(instance, { needs: [drain.id] })];
    },
    id: (kind, name) => stepId({ service: desired.service, way, kind, name }),
  };
  return moves;
}
