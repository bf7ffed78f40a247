import { z } from 'zod';
import { surgeCount, unavailableCount } from '../rolling-counts';
import { sentence } from '../words';
import type { StrategyOf } from './counted';
import type { StrategyKind } from './kind';

const countSentence = 'is neither a whole number from 0 nor a percentage — write a number such as 1, or 25%';
/** A number of instances, or a percentage; a later check refuses more than 100%. */
const Count = z.union(
  [z.number(countSentence).int(countSentence).min(0, countSentence), z.string().regex(/^\d{1,3}%$/, countSentence)],
  countSentence,
);

export const RollingStrategy = z
  .strictObject({
    kind: z.literal('rolling'),
    surge: sentence(
      Count.default(1),
      'How many instances may run above the number asked for: a number, or a percentage of it.',
    ),
    unavailable: sentence(
      Count.default(0),
      'How many instances may be missing below the number asked for: a number, or a percentage of it.',
    ),
    pause_after: sentence(
      z
        .union(
          [
            z.number(countSentence).int(countSentence).min(1, countSentence),
            z.string().regex(/^\d{1,3}%$/, countSentence),
          ],
          countSentence,
        )
        .optional(),
      'After this many new instances are in traffic, wait for an approval: a number, or a percentage.',
    ),
  })
  .describe('Replace instances a few at a time.');

export const rolling: StrategyKind<z.infer<typeof RollingStrategy>, StrategyOf<'rolling'>> = {
  counted: ({ surge, unavailable, pause_after: pauseAfter }, instances) => ({
    kind: 'rolling',
    surge: surgeCount(surge, instances),
    unavailable: unavailableCount(unavailable, instances),
    pause_after: pauseAfter === undefined ? undefined : surgeCount(pauseAfter, instances),
  }),
  extra: ({ surge }, instances) => surgeCount(surge, instances),
  ahead: ({ surge }) => surge,
  overlaps: true,
  back: (strategy) => ({ ...strategy, pause_after: undefined }),
  // A surge without a free server is lowered by itself. With no free server at all, an old instance has to go first.
  remedy: (lines) => `${lines}, or write strategy: { kind: recreate }, which stops the old ones first`,
};
