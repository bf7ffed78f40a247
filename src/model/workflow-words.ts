import type { Outcome, Phase, ReleaseStatus } from './status';

/** What a workflow is called in titles and sentences. */
export const nounOf = (kind: ReleaseStatus['kind']): string => (kind === 'retire' ? 'retirement' : kind);

/** What it does, or how it ended, where that is called otherwise of its kind than of a release. Pure. */
export const ownState = (kind: ReleaseStatus['kind'], state: Phase | Outcome): string | undefined => own[kind][state];

const own: Record<ReleaseStatus['kind'], Partial<Record<Phase | Outcome, string>>> = {
  release: {},
  // Its outcome says that what it leads to is in place; rolled-back is what a release is that has turned back.
  rollback: { releasing: 'rolling back', released: 'done' },
  // Until its time has come, the plan is not made.
  retire: {
    planning: 'kept warm',
    releasing: 'retiring',
    released: 'retired',
    cancelled: 'cancelled: the warm set goes on running',
  },
  drop: { releasing: 'dropping', removed: 'dropped' },
  prune: { releasing: 'pruning', removed: 'pruned' },
};
