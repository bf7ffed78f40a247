import { z } from 'zod';
import { duration } from '../duration';
import { sentence } from '../words';
import type { StrategyOf } from './counted';
import type { StrategyKind } from './kind';

export const BlueGreenStrategy = z
  .strictObject({
    kind: z.literal('blue-green'),
    warm: sentence(duration('0s'), 'How long the old set runs on out of traffic, so that a rollback is one switch.'),
  })
  .describe('Launch and test a full second set out of traffic, then let all new requests go there at once.');

export const blueGreen: StrategyKind<z.infer<typeof BlueGreenStrategy>, StrategyOf<'blue-green'>> = {
  counted: (strategy) => strategy,
  extra: (_strategy, instances) => instances,
  ahead: (_strategy, instances) => instances,
  overlaps: true,
  asks: 'switch',
  remedy: (lines) => `${lines}: each of the two sets takes all instances`,
};
