import { z } from 'zod';
import type { StrategyOf } from './counted';
import type { StrategyKind } from './kind';

export const RecreateStrategy = z
  .strictObject({ kind: z.literal('recreate') })
  .describe(
    'Stop the old instances before the new ones start; requests wait meanwhile at a managed proxy (hold), else they fail.',
  );

export const recreate: StrategyKind<z.infer<typeof RecreateStrategy>, StrategyOf<'recreate'>> = {
  counted: (strategy) => strategy,
  extra: () => 0,
  ahead: (_strategy, instances) => instances,
  overlaps: false,
  remedy: (lines) => `${lines}, or ask for fewer instances`,
};
