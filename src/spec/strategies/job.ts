import { z } from 'zod';
import { jobKeys } from '../jobs';
import type { StrategyOf } from './counted';
import type { StrategyKind } from './kind';

export const JobStrategy = z
  .strictObject({ kind: z.literal('job'), ...jobKeys })
  .describe('Run the service once whenever what it runs has changed, and let it end: a migration, a set-up.');

export const job: StrategyKind<z.infer<typeof JobStrategy>, StrategyOf<'job'>> = {
  counted: ({ kind }) => ({ kind }),
  extra: () => 0,
  ahead: () => 0,
  overlaps: false,
  remedy: (lines) => lines,
};
