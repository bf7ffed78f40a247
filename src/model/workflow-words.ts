import type { Outcome, Phase, ReleaseStatus } from './status';

/** The noun for a workflow in titles and sentences. */
export const nounOf = (kind: ReleaseStatus['kind']): string => (kind === 'retire' ? 'retirement' : kind);

/** The state of a workflow, if its kind has another word for it than a release. Pure. */
export const ownState = (kind: ReleaseStatus['kind'], state: Phase | Outcome): string | undefined => own[kind][state];

const own: Record<ReleaseStatus['kind'], Partial<Record<Phase | Outcome, string>>> = {
  release: {},
  rollback: { releasing: 'rolling back' },
  // Before its time, a retirement has no plan.
  retire: {
    planning: 'kept warm',
    releasing: 'retiring',
    cancelled: 'cancelled: the warm set keeps running',
  },
  drop: { releasing: 'dropping', removed: 'dropped' },
  prune: { releasing: 'pruning', removed: 'pruned' },
  restore: { releasing: 'restoring', removed: 'forgotten' },
  backup: { releasing: 'backing up', 'rolling-back': 'ending', 'backed-up': 'backed up' },
  drill: { releasing: 'drilling', 'rolling-back': 'ending' },
};
