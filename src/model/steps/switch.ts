import type { InstanceRef, StepOf } from '../plan';
import { type Fact, inTraffic, type Kind, leaving, type Telling } from './kind';

/** All new requests go to the other set. */
export const switchTo: Kind<StepOf<'switch'>> = {
  phase: 'moving',
  entering: true,
  decisive: true,
  timed: true,
  describe: (step) => `switch ${switchedText(step)}`,
  summary: (step) => switchedText(step),
  facts: (step, telling) =>
    switched(step, telling).flatMap(({ enter, leave }) => [
      ...enter.map(({ name }): Fact => [name, telling.said('entering traffic', inTraffic())]),
      ...leave.map(({ name }): Fact => [name, telling.said('leaving traffic', 'takes no new requests')]),
    ]),
};

/** The instances that a switch brings into and takes out of traffic; none on a rollback. */
function switched(
  step: StepOf<'switch'>,
  { plan, switches }: Telling,
): Array<Record<'enter' | 'leave', InstanceRef[]>> {
  const there = step.undoes ? switches.there.find(({ id }) => id === step.undoes) : step;
  if (!there) return [];
  const isOld = ({ slots }: InstanceRef) =>
    slots.some(({ proxy, backend }) => there.switches.some((one) => one.proxy === proxy && one.from === backend));
  const old = plan.steps.flatMap(leaving).filter(isOld);
  return [step.undoes ? { enter: old, leave: there.instances } : { enter: there.instances, leave: old }];
}

const switchedText = ({ switches }: StepOf<'switch'>): string =>
  switches.map(({ key, from, to }) => `${key} from ${from} to ${to}`).join(', ');
