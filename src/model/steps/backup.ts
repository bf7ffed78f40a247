import { thingText } from '../backed-up';
import type { StepOf } from '../plan';
import { type Kind, longestCopy } from './kind';

/** The store has a backup. */
export const backup: Kind<StepOf<'backup'>> = {
  phase: 'preparing',
  skippable: true,
  describe: ({ backup }) => `back up ${thingText(backup)}`,
  summary: ({ backup }) => thingText(backup),
  longest: () => longestCopy,
};
