import type { StepOf } from '../plan';
import { type Kind, minute } from './kind';

/** Longest time until an instance without a readiness check answers. */
const usualReady = minute;
/** Stops of the instance in one drill. */
const stops = 4;

/** A service has stopped as it should, on an instance of its own. */
export const drill: Kind<StepOf<'drill'>> = {
  phase: 'preparing',
  skippable: true,
  describe: ({ service, remove }) =>
    remove ? `remove what the drill of ${service} left` : `drill the shutdown of ${service} on an instance of its own`,
  summary: ({ service, remove }) =>
    remove ? `${service}, remove what is left` : `${service} on an instance of its own`,
  longest: ({ scenario: { ready, settle, wait } }) =>
    stops * ((ready ? ready.grace + ready.within : usualReady) + settle + wait) + 5 * minute,
};
