import { z } from 'zod';
import { sentence } from '../words';
import type { StrategyOf } from './counted';
import type { StrategyKind } from './kind';

export const InPlaceStrategy = z
  .strictObject({
    kind: z.literal('in-place'),
    reload: sentence(
      z.boolean().default(false),
      'Reload the unit where nothing but files has changed, in place of a restart.',
    ),
  })
  .describe('Start each new instance in the place of an old one, by one restart: a unit of systemd has one place.');

export const inPlace: StrategyKind<z.infer<typeof InPlaceStrategy>, StrategyOf<'in-place'>> = {
  counted: ({ kind }) => ({ kind }),
  extra: () => 0,
  ahead: () => 0,
  overlaps: false,
  remedy: (lines) => lines,
};
