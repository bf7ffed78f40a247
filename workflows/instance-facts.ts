import type { InstanceRef, Plan, Step, StepOf } from '../src/model/plan';
import type { StepStatus } from '../src/model/status';

/** An instance by its name, and what is said of it. */
export type Fact = [name: string, text: string];

/** Of a plan: where each of its ways switches from one set to another. Found once for all of its steps. */
export interface Switches {
  there: Array<StepOf<'switch'>>;
  back: Array<StepOf<'switch'>>;
}

export const switchesOf = ({ steps, undo }: Plan): Switches => ({
  there: steps.filter((step) => step.kind === 'switch'),
  back: undo.filter((step) => step.kind === 'switch'),
});

interface Told {
  plan: Plan;
  switches: Switches;
  state: StepStatus;
}

/** What a step says of the instances it is about. Pure. */
export function factsOf(step: Step, { plan, switches, state: status }: Told): Fact[] {
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
        ...(step.enter ? [entered(step, { switches, said })] : []),
        ...(step.leave ? [[step.leave.name, said('leaving traffic', 'takes no new requests')] as Fact] : []),
      ];
    case 'weigh':
      return step.weights.map(({ instance, weight }) => [instance.name, said('its share changes', inTraffic(weight))]);
    case 'switch':
      return switched(step, { plan, switches }).flatMap(({ enter, leave }) => [
        ...enter.map(({ name }): Fact => [name, said('entering traffic', inTraffic())]),
        ...leave.map(({ name }): Fact => [name, said('leaving traffic', 'takes no new requests')]),
      ]);
    case 'warm':
      return step.instances.map(({ name }) => [name, said('out of traffic', warmUntil(step.time, endedAt))]);
    case 'drain':
      return [[step.instance.name, said(noted('draining'), noted(step.leaders ? 'drained at the proxy' : 'drained'))]];
    case 'retire':
      return [[step.instance.name, said('stopping', noted('gone'))]];
    default:
      return [];
  }
}

type Saying = Pick<Told, 'switches'> & { said: (live: string, done: string) => string };

/** In a set that is switched to as a whole, it serves only after that. */
function entered({ enter, weight, undoes, service }: StepOf<'swap'>, { switches, said }: Saying): Fact {
  const own = (undoes ? switches.back : switches.there).filter((one) => one.service === service);
  const ahead = own.flatMap((one) => one.switches);
  const set = enter!.slots.find(({ proxy, backend }) => ahead.some((one) => one.proxy === proxy && one.to === backend));
  if (!set) return [enter!.name, said('entering traffic', inTraffic(weight))];
  return [enter!.name, said(`entering ${set.backend}`, `ready in ${set.backend}, out of traffic`)];
}

/** Whom a switch brings in, and whom it takes out; the way back names neither. */
function switched(
  step: StepOf<'switch'>,
  { plan, switches }: Pick<Told, 'plan' | 'switches'>,
): Array<Record<'enter' | 'leave', InstanceRef[]>> {
  const there = step.undoes ? switches.there.find(({ id }) => id === step.undoes) : step;
  if (!there) return [];
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
