import { thingText } from '../backed-up';
import type { StepOf } from '../plan';
import { type Kind, longestCopy } from './kind';

/** A scratch instance that was restored from the backup has answered. */
export const verify: Kind<StepOf<'verify'>> = {
  phase: 'preparing',
  skippable: true,
  describe: ({ backup, chosen }) =>
    `restore ${chosen === undefined ? 'the backup' : `backup ${chosen}`} of ${thingText(backup)} into a scratch instance, and ask it`,
  summary: ({ backup, chosen }) =>
    `${chosen === undefined ? 'the backup' : `backup ${chosen}`} of ${thingText(backup)}`,
  longest: () => longestCopy,
};
