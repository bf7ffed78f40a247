import { thingText } from '../backed-up';
import type { RestoreAct, StepOf } from '../plan';
import { type Kind, longestCopy } from './kind';

const words: Record<RestoreAct, (step: StepOf<'restore'>) => string> = {
  prepare: ({ backup, chosen, until }) =>
    `read backup ${chosen} of ${thingText(backup)}, and prepare it${until === undefined ? '' : ` until ${until}`}`,
  keep: () => 'keep the present data',
  commit: () => 'put the restored data into place',
  answer: ({ backup }) => `ask ${backup.service} until it answers`,
  undo: () => 'put the former data back',
  discard: () => 'remove what was prepared',
  forget: ({ restore }) => `remove what restore ${restore} had replaced`,
};

/** The data is as the backup has it, or as before. */
export const restore: Kind<StepOf<'restore'>> = {
  phase: 'moving',
  describe: (step) => words[step.act](step),
  longest: () => longestCopy,
};
