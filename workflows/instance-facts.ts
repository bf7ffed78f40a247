import type { InstanceRef, Plan, Step, StepOf } from '../src/spec/plan';
import type { StepStatus } from '../src/spec/status';

/** An instance by its name, and what is said of it. */
export type Fact = [name: string, text: string];

/** What a step says of the instances it is about. Pure. */
export function factsOf(step: Step, { plan, state: status }: { plan: Plan; state: StepStatus }): Fact[] {
  const { state, note, endedAt } = status;
  const said = (live: string, done: string): string => (state === 'running' ? live : state === 'done' ? done : state);
  const noted = (text: string): string => (note ? `${text}: ${note}` : text);
  switch (step.kind) {
    case 'launch':
      return [[step.instance.name, said('starting', 'running, out of traffic')]];
    case 'probe':
      return step.of ? [] : [[step.instance.name, said(noted('probed'), 'ready, out of traffic')]];
    case 'swap':
      return [
        ...(step.enter ? [entered(step, { plan, said })] : []),
        ...(step.leave ? [[step.leave.name, said('leaving traffic', 'takes no new requests')] as Fact] : []),
      ];
    case 'weigh':
      return step.weights.map(({ instance, weight }) => [instance.name, said('its share changes', inTraffic(weight))]);
    case 'switch':
      return switched(step, plan).flatMap(({ enter, leave }) => [
        ...enter.map(({ name }): Fact => [name, said('entering traffic', inTraffic())]),
        ...leave.map(({ name }): Fact => [name, said('leaving traffic', 'takes no new requests')]),
      ]);
    case 'warm':
      return step.instances.map(({ name }) => [name, said('out of traffic', warmUntil(step.time, endedAt))]);
    case 'drain':
      return [[step.instance.name, said(noted('draining'), noted('drained'))]];
    case 'retire':
      return [[step.instance.name, said('stopping', noted('gone'))]];
    default:
      return [];
  }
}

type Saying = { plan: Plan; said: (live: string, done: string) => string };

/** In a set that is switched to as a whole, it serves only after that. */
function entered({ enter, weight, undoes, service }: StepOf<'swap'>, { plan, said }: Saying): Fact {
  const graph = undoes ? plan.undo : plan.steps;
  const ahead = graph.flatMap((one) => (one.kind === 'switch' && one.service === service ? one.switches : []));
  const set = enter!.slots.find(({ proxy, backend }) => ahead.some((one) => one.proxy === proxy && one.to === backend));
  if (!set) return [enter!.name, said('entering traffic', inTraffic(weight))];
  return [enter!.name, said(`entering ${set.backend}`, `ready in ${set.backend}, out of traffic`)];
}

/** Whom a switch brings in, and whom it takes out; the way back names neither. */
function switched(step: StepOf<'switch'>, plan: Plan): Array<Record<'enter' | 'leave', InstanceRef[]>> {
  const there = step.undoes ? plan.steps.find(({ id }) => id === step.undoes) : step;
  if (there?.kind !== 'switch') return [];
  const isOld = ({ slots }: InstanceRef) =>
    slots.some(({ proxy, backend }) => there.switches.some((one) => one.proxy === proxy && one.from === backend));
  const old = plan.steps.flatMap(leaving).filter(isOld);
  return [step.undoes ? { enter: old, leave: there.instances } : { enter: there.instances, leave: old }];
}

const leaving = (step: Step): InstanceRef[] =>
  step.kind === 'retire' ? [step.instance] : step.kind === 'warm' ? step.instances : [];

const inTraffic = (weight?: number): string => (weight === undefined ? 'in traffic' : `in traffic, weight ${weight}`);

const warmUntil = (time: number, since?: string): string =>
  since
    ? `warm until ${new Date(Date.parse(since) + time).toISOString().slice(0, 16).replace('T', ' ')} UTC`
    : 'kept warm';
