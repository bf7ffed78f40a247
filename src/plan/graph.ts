import type { InstanceRef, Step, StepKind, StepOf } from '../model/plan';
import type { ServiceInput } from './plan-release';

/** A strategy's answer: its steps, its undo steps, and the instances of the service at the end. */
export interface StrategyGraph {
  steps: Step[];
  undo: Step[];
  /** Instances that this release launches or admits. */
  entered: InstanceRef[];
  /** Right instances that were in traffic before. */
  kept: InstanceRef[];
  /** The warm set, which runs on for a while after the release. */
  warm?: { instances: InstanceRef[]; time: number };
  /** Longest time without a serving instance, in milliseconds. */
  downtime?: number;
  /** Warnings about the strategy's way on this host. */
  warnings?: string[];
}

type Fields<K extends StepKind> = Omit<StepOf<K>, 'id' | 'kind' | 'service' | 'host' | 'epoch'> & { name?: string };
export type MakeStep = <K extends StepKind>(kind: K, fields: Fields<K>) => StepOf<K>;

/** Facts that every step of a service carries. */
export type StepContext = Pick<ServiceInput, 'host' | 'epoch'> & {
  desired: Pick<ServiceInput['desired'], 'service' | 'runtime'>;
};

export type Way = 'forward' | 'undo';

/** Returns an id of kind and name: `api/launch/shop-api-r2-1`, for an undo step `api/undo/launch/…`. */
export const stepId = ({ service, way, kind, name }: { service: string; way: Way; kind: StepKind; name?: string }) =>
  [service, ...(way === 'undo' ? ['undo'] : []), kind, ...(name ? [name] : [])].join('/');

/** Returns a maker of steps of one service. */
export function stepMaker(input: StepContext, way: Way): MakeStep {
  const { service, runtime } = input.desired;
  const epoch = way === 'forward' ? input.epoch : input.epoch + 1;
  return (kind, { name, ...fields }) => {
    const id = stepId({ service, way, kind, name });
    return { id, kind, service, host: input.host, ...(runtime && { runtime }), epoch, ...fields } as unknown as StepOf<
      typeof kind
    >;
  };
}

/** Returns a gate that asks a person after all steps so far. */
export function approval(input: StepContext, question: string, { name, needs }: { name?: string; needs: string[] }) {
  return stepMaker(input, 'forward')('approve', { name, question, needs });
}

/** True if all these steps are done once `by` are done, according to the needs. */
export function areDone(ids: string[], { by, steps = [] }: { by: string[]; steps?: Step[] }): boolean {
  if (ids.length === 0) return true;
  const needs = new Map(steps.map((step) => [step.id, step.needs]));
  const before = new Set(by);
  // The loop also visits needs that it adds meanwhile.
  for (const id of before) for (const need of needs.get(id) ?? []) before.add(need);
  return ids.every((id) => before.has(id));
}

/** Returns the ids of steps that no other given step needs. */
export function ends(steps: Step[]): string[] {
  const before = new Set(steps.flatMap(({ needs }) => needs));
  return steps.map(({ id }) => id).filter((id) => !before.has(id));
}
