import type { StepOf } from '../plan';
import { timeText } from '../quantities';
import type { Kind } from './kind';

/** The old set keeps running, out of traffic, for a while. */
export const warm: Kind<StepOf<'warm'>> = {
  phase: 'concluding',
  describe: ({ instances, time }) => `keep ${instances.map(({ name }) => name).join(', ')} warm for ${timeText(time)}`,
  facts: ({ instances, time }, { said, endedAt }) =>
    instances.map(({ name }) => [name, said('out of traffic', warmUntil(time, endedAt))]),
};

const warmUntil = (time: number, since?: string): string =>
  since
    ? `warm until ${new Date(Date.parse(since) + time).toISOString().slice(0, 16).replace('T', ' ')} UTC`
    : 'kept warm';
