import type { InstanceRef, Step, StepKind, StepOf } from '../model/plan';
import type { ServiceInput } from './plan-release';

/** What a strategy answers: the steps there, the steps back, and the instances that the service ends with. */
export interface StrategyGraph {
  steps: Step[];
  undo: Step[];
  /** Launched or admitted by this release. */
  entered: InstanceRef[];
  /** Right and in traffic before. */
  kept: InstanceRef[];
  /** Runs on for a while after the release. */
  warm?: { instances: InstanceRef[]; time: number };
  /** Nobody serves meanwhile, for so long at most, in milliseconds. */
  downtime?: number;
  /** What people should know of how it is done here. */
  warnings?: string[];
}

type Fields<K extends StepKind> = Omit<StepOf<K>, 'id' | 'kind' | 'service' | 'host' | 'epoch'> & { name?: string };
export type MakeStep = <K extends StepKind>(kind: K, fields: Fields<K>) => StepOf<K>;

/** What stands in every step of a service. */
export type StepContext = Pick<ServiceInput, 'host' | 'epoch'> & {
  desired: Pick<ServiceInput['desired'], 'service' | 'runtime'>;
};

export type Way = 'forward' | 'undo';

/** An id says kind and name: `api/launch/shop-api-r2-1`, on the way back `api/undo/launch/…`. */
export const stepId = ({ service, way, kind, name }: { service: string; way: Way; kind: StepKind; name?: string }) =>
  [service, ...(way === 'undo' ? ['undo'] : []), kind, ...(name ? [name] : [])].join('/');

/** Makes steps of one service. */
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

/** A gate at which a person is asked, after everything so far. */
export function approval(input: StepContext, question: string, { name, needs }: { name?: string; needs: string[] }) {
  return stepMaker(input, 'forward')('approve', { name, question, needs });
}

/** Whether all of these are done once `by` are, as the needs of the steps say. */
export function areDone(ids: string[], { by, steps = [] }: { by: string[]; steps?: Step[] }): boolean {
  if (ids.length === 0) return true;
  const needs = new Map(steps.map((step) => [step.id, step.needs]));
  const before = new Set(by);
  // What is added meanwhile is walked over too.
  for (const id of before) for (const need of needs.get(id) ?? []) before.add(need);
  return ids.every((id) => before.has(id));
}

/** Those that no other one of them comes after. */
export function ends(steps: Step[]): string[] {
  const before = new Set(steps.flatMap(({ needs }) => needs));
  return steps.map(({ id }) => id).filter((id) => !before.has(id));
}
