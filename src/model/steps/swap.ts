import type { StepOf } from '../plan';
import { type Fact, inTraffic, type Kind, type Telling } from './kind';

/** One instance enters traffic, another leaves it. */
export const swap: Kind<StepOf<'swap'>> = {
  phase: 'moving',
  entering: true,
  decisive: true,
  timed: true,
  describe: ({ enter, leave }) =>
    [enter && `${enter.name} into traffic`, leave && `${leave.name} out`].filter(Boolean).join(', '),
  summary: (step) => swap.describe(step),
  facts: (step, telling) => [
    ...(step.enter ? [entered(step, telling)] : []),
    ...(step.leave ? [[step.leave.name, telling.said('leaving traffic', 'takes no new requests')] as Fact] : []),
  ],
};

/** An instance of a set serves only after the switch to its set. */
function entered({ enter, weight, chosen, undoes, service }: StepOf<'swap'>, { switches, said }: Telling): Fact {
  const own = (undoes ? switches.back : switches.there).filter((one) => one.service === service);
  const ahead = own.flatMap((one) => one.switches);
  const set = enter!.slots.find(({ proxy, backend }) => ahead.some((one) => one.proxy === proxy && one.to === backend));
  if (!set) return [enter!.name, said('entering traffic', inTraffic({ weight, chosen }))];
  return [enter!.name, said(`entering ${set.backend}`, `ready in ${set.backend}, out of traffic`)];
}
