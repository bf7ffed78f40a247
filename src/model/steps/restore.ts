import type { RestoreAct, StepOf } from '../plan';
import { type Kind, minute } from './kind';

const words: Record<RestoreAct, (step: StepOf<'restore'>) => string> = {
  prepare: ({ backup }) => `read backup ${backup}, and prepare it beside the live data`,
  keep: () => 'keep the present data',
  commit: () => 'put the restored data into place',
  undo: () => 'put the former data back',
  discard: () => 'remove what was prepared',
  forget: ({ restore }) => `remove what restore ${restore} had replaced`,
};

/** The data is as the backup has it, or as before. */
export const restore: Kind<StepOf<'restore'>> = {
  phase: 'moving',
  describe: (step) => words[step.act](step),
  // A day: large databases take hours, and the loss of a worker is noticed by its heartbeats.
  longest: () => 24 * 60 * minute,
};
