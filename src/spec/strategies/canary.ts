import { z } from 'zod';
import { duration } from '../duration';
import { wrongType, yaml } from '../sentences';
import { sentence } from '../words';
import type { StrategyOf } from './counted';
import type { StrategyKind } from './kind';
import { ClientMatch } from './match';

const weightSentence =
  'is not a share — write a whole number of percent from 1 to 99, or 0 with match; after the last step comes 100 by itself';
const percentSign = ({ input }: { input?: unknown }): string | undefined => {
  const number = typeof input === 'string' ? /^(\d+)\s*%$/.exec(input)?.[1] : undefined;
  return number && `${wrongType('number', input, yaml)} — write ${number}; it counts in percent`;
};

export const CanaryStrategy = z
  .strictObject({
    kind: z.literal('canary'),
    steps: sentence(
      z
        .array(
          z.strictObject({
            weight: sentence(
              z.number({ error: percentSign }).int().min(0, weightSentence).max(99, weightSentence),
              'The share of the traffic that the new version takes, in percent; 0 lets match alone choose.',
            ),
            soak: sentence(duration('0s'), 'How long to go on with this share.'),
            approve: sentence(z.boolean().default(false), 'Wait for an approval before the next step.'),
          }),
        )
        .min(1),
      'Shares that the new version takes one after the other, before it takes all.',
    ),
    match: sentence(
      ClientMatch.optional(),
      'Clients who meet the new version from the first step on, and no old one until the last step is over.',
    ),
    baseline: sentence(
      z.boolean().default(false),
      'Beside the new instances, launch as many of the version before, with the same share: validate.*.compare compares both.',
    ),
  })
  .describe('Let a few new instances take a share of the traffic that grows step by step.');

/** The number of canaries at a weight in percent: their part of the instances, at least one. */
export const canaryCount = (weight: number, instances: number): number =>
  Math.min(instances, Math.max(1, Math.round((instances * weight) / 100)));

/** The most canaries at once. */
export const mostCanaries = (steps: Array<{ weight: number }>, instances: number): number =>
  Math.max(...steps.map(({ weight }) => canaryCount(weight, instances)));

export const canary: StrategyKind<z.infer<typeof CanaryStrategy>, StrategyOf<'canary'>> = {
  counted: (strategy) => strategy,
  extra: ({ steps, baseline }, instances) => (baseline ? 2 : 1) * mostCanaries(steps, instances),
  ahead: () => 0,
  overlaps: true,
  asks: 'shares',
  back: ({ steps }, instances) => ({ kind: 'rolling', surge: mostCanaries(steps, instances), unavailable: 0 }),
  remedy: (lines) => `${lines}, or lower the weights of strategy.steps`,
};
