import type { DesiredService } from '../model/desired';
import type { ObservedInstance } from '../model/observed';
import type {
  DrainStep,
  InstanceRef,
  LaunchStep,
  PlacedRef,
  ProbeStep,
  RetireStep,
  Step,
  SwapStep,
} from '../model/plan';
import { isRemoval } from '../model/task';
import { refOf, unaskedPorts } from './fleet';
import { stepId, stepMaker, type Way } from './graph';
import { isLedPast } from './lending';
import type { ServiceInput } from './plan-release';
import { isSticky } from './sticky';
import { testsBefore } from './validations';

/** The needs of a move; for an undo step also the step that it undoes. */
interface Order {
  needs: string[];
  undoes?: string;
  /** The step's own name; the instance's where absent. */
  name?: string;
}

/** The steps of one instance, forward and undo, of which every strategy is made. */
export interface Moves {
  /** @param order `isFree` means that no other instance holds its servers when the launch begins. */
  launch(
    instance: InstanceRef,
    order: Order & Pick<LaunchStep, 'fingerprint' | 'baseline'> & { isFree: boolean },
  ): LaunchStep;
  /** @param order `own` checks the instance as its own revision says. */
  probe(instance: InstanceRef, order: Order & { own?: true }): ProbeStep;
  /** Returns tests of a new instance out of traffic. */
  smokes(instance: InstanceRef, order: Pick<Order, 'needs'>): Step[];
  enter(
    instance: InstanceRef,
    order: Order & { replaces?: InstanceRef; weight?: number; chosen?: true; staged?: true },
  ): SwapStep;
  /** Returns the step that brings a former instance back into traffic, with the share that it had. */
  readmit(one: ObservedInstance, order: Order): SwapStep;
  leave(instance: PlacedRef, order: Order): SwapStep;
  drain(instance: PlacedRef, order: Order): DrainStep;
  retire(instance: InstanceRef, order: Order): RetireStep;
  /** Returns the steps that take an instance out: out of traffic if a server leads to it, drained, and stopped. */
  takeOut(instance: InstanceRef, order: Pick<Order, 'needs'>): Step[];
  /** Returns the steps that free the servers of an instance that somebody removed. */
  giveUp(lost: PlacedRef, order: Pick<Order, 'needs'>): [SwapStep, DrainStep];
  /** Returns the id that the step has, even if the plan lacks the step. */
  id(kind: Step['kind'], name?: string): string;
}

type Context = Pick<ServiceInput, 'desired' | 'observed' | 'host' | 'epoch' | 'lending'>;

/**
 * True if a managed proxy answers at the names of a Compose container that stops. Without the kernel's redirects some
 * clients still come to the container's host port, which nothing else serves.
 */
const isAnswered = ({ desired, lending }: Context, { revision }: InstanceRef): boolean =>
  revision === 0 && desired.fronts !== undefined && !isRemoval(desired) && lending?.redirected !== false;

/** Returns the moves of one service. Undo steps wait for no person and test nothing new. */
export function createMoves(input: Context, way: Way): Moves {
  const { desired, observed } = input;
  const make = stepMaker(input, way);
  /** An old instance is checked and stopped as its own revision says. */
  const own = ({ revision }: Partial<InstanceRef>): DesiredService | undefined =>
    observed.revisions.find((one) => one.number === revision)?.desired;
  const moves: Moves = {
    launch(instance, { isFree, ...order }) {
      // A check at a redirected port would reach the proxy, and take its health for the instance's. A server of a
      // Compose container that never ran would stay unowned.
      const isOurs = instance.revision > 0 && instance.slots.length > 0;
      const isStaged = isOurs && isFree && !isLedPast(input.lending, instance);
      const stage = isStaged && { stage: true as const };
      return make('launch', { name: instance.name, instance, ...stage, ...order });
    },
    probe(instance, { own: isOwn, ...order }) {
      const of = ((isOwn || way === 'undo') && own(instance)) || desired;
      const ports = unaskedPorts(of);
      const version = of.version && { version: of.version };
      const direct = isLedPast(input.lending, instance) && { direct: true as const };
      return make('probe', { name: instance.name, instance, check: of.ready, ...version, ports, ...direct, ...order });
    },
    smokes: (instance, { needs }) => testsBefore(input, { instance, needs }),
    enter: (instance, { replaces, ...order }) =>
      make('swap', { name: instance.name, enter: instance, leave: replaces, ...order }),
    readmit: (one, order) => moves.enter(refOf(one), { ...one.weighed, ...order }),
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
    giveUp(lost, { needs }) {
      // Another instance may come with the same name.
      const name = `lost/${lost.name}`;
      const swap = moves.leave(lost, { name, needs });
      return [swap, moves.drain(lost, { name, needs: [swap.id] })];
    },
    id: (kind, name) => stepId({ service: desired.service, way, kind, name }),
  };
  return moves;
}
