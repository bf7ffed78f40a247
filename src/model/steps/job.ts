import type { StepOf } from '../plan';
import { type Kind, minute } from './kind';

/** A job has ended well. */
export const job: Kind<StepOf<'job'>> = {
  phase: 'moving',
  decisive: true,
  // What comes after the change: on a manual rollback, that is what ran before it.
  skippable: ({ when, reverts, undoes }) => undoes === undefined && (when === 'after') === (reverts === undefined),
  timed: true,
  describe({ instance, command, reverts, asks, unless, irreversible }) {
    const words = command ? `: ${command.join(' ')}` : '';
    if (reverts) return command ? `undo job ${reverts.job}${words}` : `end job ${reverts.job}, if it still runs`;
    if (asks) return `ask if anything is pending${words}`;
    return `run job ${instance.job}${words}${unless ? ', if anything is pending' : ''}${irreversible ? ' (point of no return)' : ''}`;
  },
  summary({ service, instance, command, reverts, asks, unless }) {
    const what = [...new Set([service, reverts?.job ?? instance.job])].join(', ');
    const how = reverts ? ' back' : asks ? ', is anything pending?' : unless ? ', if anything is pending' : '';
    return `${what}${how}${command ? `: ${command.join(' ')}` : ''}`;
  },
  // A job that a release left behind, and the job itself, may each take all of their time.
  longest: ({ timeout, stop }) => 2 * (timeout + stop.grace) + 5 * minute,
  facts: ({ instance }, { said, noted }) => [[instance.name, said(noted('running'), noted('ended'))]],
};
